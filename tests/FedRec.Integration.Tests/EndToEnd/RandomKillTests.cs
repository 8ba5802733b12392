using System.Globalization;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The process is killed at random moments, from its start until it has printed its answer: whatever it was doing, the same command comes to
/// the same model, no other version ever exists, and what was served before is served until then.</summary>
/// <remarks>The moments are seeded shares of the time that the command takes undisturbed. <c>FEDREC_KILLS</c> sets their number.</remarks>
[Collection(EndToEndCollection.Name)]
public sealed class RandomKillTests(UndisturbedRun undisturbed)
{
    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("FEDREC_KILLS") ?? "3", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Simulate_KilledAtRandomMoments_ComesToTheSameModelAndServesWhatWasServed()
    {
        await using var home = new FedRecHome();
        await home.RunAsync("simulate", "--clients", "60", "--items", "40", "--rounds", "2", "--seed", "99", "--storage", "azurite", "--baselines", "none", "--recs", "0");
        var before = (await FindAsync(home)).Serving;
        var random = new Random(17);
        var killed = 0;
        while (killed < s_kills)
        {
            var process = home.Start(UndisturbedRun.Line);
            var ended = process.ExitAsync();
            if (await Task.WhenAny(ended, Task.Delay(random.NextDouble() * undisturbed.Took)) == ended)
            {
                Assert.True(await ended == 0, process.Error);
                before = await AssertServedAsync(home, before); // that run is complete: the next process begins another one
                continue;
            }

            await process.KillAsync();
            await ended;
            killed++;
            before = await AssertServedAsync(home, before);
        }

        var last = await home.RunAsync(UndisturbedRun.Line);

        Assert.Equal(undisturbed.Sha256, last.Json.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(undisturbed.Participants, last.Json.GetProperty("participants").GetInt64());
        before = await AssertServedAsync(home, before, isOver: true);
        Assert.Equal(undisturbed.Sha256, before.Sha256);
        await home.EmulatorGoneAsync();
    }

    // Either nothing has changed, or the run has published its one version, which is that of the undisturbed run; until the run is over that version may be there and not be in use yet.
    private async Task<(long Version, string Sha256)> AssertServedAsync(FedRecHome home, (long Version, string Sha256) before, bool isOver = false)
    {
        var (latest, serving) = await FindAsync(home);
        Assert.Contains(serving, new[] { before, (before.Version + 1, undisturbed.Sha256) });
        Assert.Contains(latest, isOver ? new[] { serving } : [serving, (before.Version + 1, undisturbed.Sha256)]);
        return serving;
    }

    private static async Task<((long Version, string Sha256) Latest, (long Version, string Sha256) Serving)> FindAsync(FedRecHome home)
    {
        var models = (await home.RunAsync("model", "list", "--storage", "azurite", "--format", "json")).Json;
        return (Named("latest"), Named("serving"));

        (long, string) Named(string which)
        {
            var version = models.GetProperty(which).GetInt64();
            return (version, models.GetProperty("versions").EnumerateArray().Single(line => line.GetProperty("version").GetInt64() == version).GetProperty("sha256").GetString()!);
        }
    }
}
