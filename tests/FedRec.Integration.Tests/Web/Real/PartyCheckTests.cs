using System.Globalization;
using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Data.Readers;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Cli.Parties;
using FedRec.Integration.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>A preflight tells what would be done, and does none of it.</summary>
[Collection(RealWeb.Collection)]
public sealed class PartyCheckTests(RealWeb web) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_OfAPartyThatIsAskedToTrain_TrainsAndSendsNothing()
    {
        using var party = await WireParty.InvitedAsync(web, $"check-{Guid.NewGuid():N}");
        var joined = await CommandRun.OfAsync(_folder.Path, "party", "join", party.Code.Write(), "--data", Orders(), "--folder", "north");
        Assert.True(joined.ExitCode == ExitCode.Ok, joined.Error);
        Assert.EndsWith("Then here: fedrec party run --folder north", joined.Error.TrimEnd(), StringComparison.Ordinal);
        await party.Parties.SetStandingAsync("north", PartyStanding.Active);

        var idle = await CheckAsync();
        await web.Grains.GetGrain<IFederationGrain>(party.Code.Federation).StartRunAsync(new RunRequest { Federation = party.Code.Federation, Learner = "mf", Rounds = new() { Count = 1, Deadline = TimeSpan.FromMinutes(10) } });
        PartyOrder? order;
        while ((order = await party.Twin.PollAsync(TimeSpan.FromSeconds(5))) is not { Evaluation: null })
        {
            await party.Twin.EvaluatedAsync(order?.Evaluation!.Id ?? Guid.Empty, ReadOnlyMemory<byte>.Empty);
        }

        var asked = await CheckAsync();

        Assert.Equal(["folder", "disk space", "policy", "key", "data", "coordinator", "clock"], idle.Select(check => check.Name));
        Assert.Equal([.. idle.Select(check => check.Name), "training"], asked.Select(check => check.Name));
        Assert.Matches(@"^round 1 of run-1: [\d,]+ bytes, not sent; 1 items are not in the catalogue$", asked[^1].Found);
        Assert.Equal(0L, (await party.Twin.GetAsync())!.Counted);
        Assert.NotNull(await party.Twin.PollAsync(TimeSpan.Zero)); // it is asked as before
        Assert.Empty(Directory.GetFiles(_folder.Path, "releases.jsonl", SearchOption.AllDirectories));
    }

    // Its tokens are good all the same: they go by the coordinator's clock.
    [Theory]
    [InlineData(0)]
    [InlineData(-40)]
    [InlineData(600)]
    public async Task Check_BesideAClockThatIsOff_SaysByHowMuch(int seconds)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var coordinator = builder.Build();
        coordinator.Run(context =>
        {
            context.Response.Headers.Date = DateTimeOffset.UtcNow.AddSeconds(seconds).ToString("r");
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await coordinator.StartAsync();
        PartyFolder.Create(Path.Combine(_folder.Path, "north"), new PartyMembership(FakeCoordinator.Code with { Url = new Uri(coordinator.Urls.Single()) }, Path.Combine(_folder.Path, Orders()), new ReadingOptions()));

        var clock = (await CheckAsync())[^1];

        Assert.Equal("clock", clock.Name);
        var apart = Regex.Match(clock.Found, @"^(\d+) s apart; tokens go by the coordinator's$").Groups[1].Value;
        Assert.InRange(int.Parse(apart, CultureInfo.InvariantCulture), Math.Max(0, Math.Abs(seconds) - 30), Math.Abs(seconds) + 30); // of a busy machine
    }

    private async Task<List<(string Name, string Found)>> CheckAsync()
    {
        var check = await CommandRun.OfAsync(_folder.Path, "party", "check", "--folder", "north", "--format", "json");
        Assert.True(check.ExitCode == ExitCode.Ok, check.Out + check.Error);
        return [.. check.Json.GetProperty("checks").EnumerateArray().Select(one => (one.GetProperty("name").GetString()!, one.GetProperty("found").GetString()!))];
    }

    private string Orders()
    {
        File.WriteAllLines(Path.Combine(_folder.Path, "orders.csv"), ["user,item,timestamp", .. Enumerable.Range(0, 15).SelectMany(user => WireParty.ItemsOf(user).Select((item, place) => $"u{user},{WireParty.ItemMark}-{item},{1_700_000_000 + place}")), "u1,unknown,1700000099"]);
        return "orders.csv";
    }
}
