using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>What happens to parties over the years, with processes and TLS: keys change, the coordinator moves, a folder is copied, a party is forgotten. Nobody is started anew for it.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PartyLifeTests
{
    private static readonly string[] s_line = ["--learner", "mf", "--rounds", "4"];

    [Fact]
    public async Task KeysThatChange_AndACoordinatorThatMoves_AreFollowedByPartiesThatRun_AndTheModelIsThatOfASimulation()
    {
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        await parties.RunAsync("north");
        await parties.RunAsync("south");

        var rotated = await parties.AtAsync("north", null, "party", "rotate", "--format", "json");
        Assert.True(rotated.ExitCode == ExitCode.Ok, rotated.Error);
        var known = (await parties.PartiesAsync()).EnumerateArray().Single(party => party.GetProperty("name").GetString() == "north");
        Assert.Equal(rotated.Json.GetProperty("fingerprint").GetString(), known.GetProperty("fingerprint").GetString());

        parties.Move(); // west hears nothing of it
        var notice = (await parties.Home.RunAsync("party", "move", parties.Url, "--federation", RemoteParties.Federation, "--format", "json")).Json.GetProperty("notice").GetString()!;
        await parties.PartyOf("north").WaitForAsync("has moved to " + parties.Url); // nobody is there yet: it goes on at the old address
        await parties.PartyOf("south").WaitForAsync("has moved to " + parties.Url);
        await parties.KillServerAsync();
        await parties.ServeAsync();
        var forged = await parties.AtAsync("west", null, "party", "follow", notice[..^4] + "AAAA");
        Assert.Equal(ExitCode.Failed, forged.ExitCode);
        Assert.Contains("This is no notice of the coordinator", forged.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await parties.AtAsync("west", null, "party", "follow", notice)).ExitCode);
        Assert.Equal(ExitCode.Failed, (await parties.AtAsync("west", null, "party", "follow", notice)).ExitCode); // it goes by that already
        await parties.RunAsync("west");

        var trained = (await parties.Home.RunAsync(["train", "--federation", RemoteParties.Federation, "--format", "json", .. s_line])).Json;
        Assert.Equal(await parties.SimulatedAsync(s_line), trained.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task AFolderThatWasCopied_IsRefusedByName_AndAForgottenPartyIsToldSo()
    {
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        await parties.RunAsync("north");
        var copy = Path.Combine(parties.Home.Folder, "copy-of-north");
        Copy(Path.Combine(parties.HomeOf("north"), "parties", "north"), Path.Combine(copy, "parties", "north"));

        var check = await parties.AtAsync("north", copy, "party", "check");
        Assert.Equal(ExitCode.Failed, check.ExitCode);
        Assert.Contains("Another copy of party 'north'", check.Out, StringComparison.Ordinal);

        await parties.Home.RunAsync("party", "forget", "south", "--federation", RemoteParties.Federation);
        Assert.Equal(["north", "west"], (await parties.PartiesAsync()).EnumerateArray().Select(party => party.GetProperty("name").GetString()));
        var forgotten = await parties.AtAsync("south", null, "party", "check");
        Assert.Equal(ExitCode.Failed, forgotten.ExitCode);
        Assert.Contains("or it was forgotten", forgotten.Out, StringComparison.Ordinal);
    }

    // As the how-to says: whatever of the folder is gone, another key is another party, and nobody but the operator can let it in.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AKeyThatIsLost_IsToldByEveryCommand_AndThePartyComesBackByAnotherInvitation(bool isFolderLost)
    {
        string[] ease = ["--learner", "ease", "--lambda", "50"], own = isFolderLost ? [] : ["--folder", "another"];
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        await parties.RunAsync("south");
        await parties.RunAsync("west");
        var folder = Path.Combine(parties.HomeOf("north"), "parties", "north");
        if (isFolderLost)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            File.Delete(Path.Combine(folder, "key.pem"));
        }

        foreach (var line in new string[][] { ["run"], ["rotate"], ["check", "--format", "json"] }) // no cell of a table
        {
            var refused = await parties.AtAsync("north", null, ["party", .. line]);
            Assert.Equal(ExitCode.Failed, refused.ExitCode);
            Assert.Contains(isFolderLost ? "Join first: fedrec party join CODE" : "the operator forgets the party and invites it again", refused.Out + refused.Error, StringComparison.Ordinal);
        }

        var joined = await parties.AtAsync("north", null, "party", "join", parties.Codes["north"], "--data", parties.DataOf("north"));
        Assert.Equal(ExitCode.Failed, joined.ExitCode);
        Assert.Contains(isFolderLost ? "If that was you and the key is lost" : "the operator forgets the party and invites it again", joined.Error, StringComparison.Ordinal);
        if (isFolderLost)
        {
            Directory.Delete(folder, recursive: true); // with the key that nobody knows
        }

        var stillThere = parties.Home.Start("party", "invite", "north", "--federation", RemoteParties.Federation);
        Assert.NotEqual(ExitCode.Ok, await stillThere.ExitAsync());
        Assert.Contains("fedrec party forget north", stillThere.Error, StringComparison.Ordinal);
        await parties.Home.RunAsync("party", "forget", "north", "--federation", RemoteParties.Federation);
        var code = (await parties.Home.RunAsync("party", "invite", "north", "--federation", RemoteParties.Federation, "--url", parties.Url, "--format", "json")).Json.GetProperty("code").GetString()!;
        var again = await parties.AtAsync("north", null, ["party", "join", code, "--data", parties.DataOf("north"), "--format", "json", .. own]);
        Assert.True(again.ExitCode == ExitCode.Ok, again.Error);
        var approved = (await parties.Home.RunAsync("party", "approve", "north", "--federation", RemoteParties.Federation, "--format", "json")).Json.GetProperty("parties")[0];
        Assert.Equal(again.Json.GetProperty("fingerprint").GetString(), approved.GetProperty("fingerprint").GetString());
        await parties.RunAsync("north", own);

        var trained = (await parties.TrainAsync(ease)).Json;
        Assert.Equal(await parties.SimulatedAsync(ease), trained.GetProperty("sha256").GetString());
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(file => Path.GetFileName(file) is "key.pem" or "party.json"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
