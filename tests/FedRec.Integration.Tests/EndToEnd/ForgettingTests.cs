using System.Text;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>What is left of a forgotten user where the emulator keeps its bytes, and in what the program writes later.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class ForgettingTests
{
    private const string User = "somebody-4711";
    private const string Item = "rare-item-0815";

    [Fact]
    public async Task Forget_AUserWhoRecordedSomething_LeavesNothingInTheEmulatorAndInLaterFiles()
    {
        await using var home = new FedRecHome();
        await File.WriteAllLinesAsync(Path.Combine(home.Folder, "rows.csv"), ["user,item", $"{User},i1", $"{User},i2", $"{User},i3", $"u1,{Item}",
            .. Enumerable.Range(0, 200).Select(i => $"u{i % 20},i{((i * i) + (i / 7)) % 15}").Distinct()]);
        string[] train = ["simulate", "--data", "rows.csv", "--learner", "ease", "--format", "json"];
        await home.RunAsync(train);
        var (users, items) = Count(home);
        Assert.True(users == 0 && items > 0, $"{users} {items}"); // the catalogue of the version names its items, and nobody

        await home.RunAsync("history", "add", User, Item);
        Assert.Equal((0, items), Count(home));
        var forgotten = (await home.RunAsync("history", "forget", User, "--certificate", "certificate.json", "--format", "json")).Json; // each start of the emulator cleans up first

        Assert.Equal((0, items), Count(home));
        Assert.Contains(forgotten.GetProperty("remaining").EnumerateArray(), place => place.GetString()!.StartsWith("the data that was loaded (rows)", StringComparison.Ordinal));
        var recommend = home.Start("recommend", User);
        Assert.Equal(ExitCode.Failed, await recommend.ExitAsync());
        Assert.Contains("was forgotten", recommend.Error, StringComparison.Ordinal);
        await home.RunAsync([.. train, "--out", "later"]);
        var later = (await home.RunAsync("history", "forget", User, "--retire", "--format", "json")).Json.GetProperty("certificate");
        Assert.Equal((2, "retrained"), (later.GetProperty("without").GetProperty("version").GetInt32(), later.GetProperty("without").GetProperty("how").GetString()));
        Assert.Equal("deleted", later.GetProperty("versions")[0].GetProperty("fate").GetString());
        Assert.Equal(ExitCode.Ok, await home.Start("history", "verify", "certificate.json").ExitAsync());
        Assert.DoesNotContain(User, await File.ReadAllTextAsync(Path.Combine(home.Folder, "certificate.json")), StringComparison.Ordinal);
        var written = Directory.EnumerateFiles(Path.Combine(home.Folder, "later"), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) == "recs.tsv").ToArray();
        Assert.All(written, file => Assert.DoesNotContain(User, File.ReadAllText(file), StringComparison.Ordinal));
        Assert.NotEmpty(written);
    }

    private static (int Users, int Items) Count(FedRecHome home)
    {
        var (users, items) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(home.Data, "blobs"), "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            users += Occurrences(bytes, User);
            items += Occurrences(bytes, Item);
        }

        return (users, items);
    }

    private static int Occurrences(byte[] bytes, string text) => Occurrences(bytes, Encoding.UTF8.GetBytes(text)) + Occurrences(bytes, Encoding.Unicode.GetBytes(text));

    private static int Occurrences(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (var at = bytes.IndexOf(text); at >= 0; at = bytes.IndexOf(text))
        {
            bytes = bytes[(at + text.Length)..];
            count++;
        }

        return count;
    }
}
