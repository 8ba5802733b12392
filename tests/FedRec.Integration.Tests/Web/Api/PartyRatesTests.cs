using System.Diagnostics;
using System.Net;
using FedRec.Web.Parties;
using Microsoft.AspNetCore.Http;

namespace FedRec.Integration.Tests.Web.Api;

/// <summary>Who asks too often is told to come back, and nobody else is.</summary>
public sealed class PartyRatesTests
{
    private static readonly TimeSpan s_while = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Party_ThatAsksOnAndOn_IsRefusedAfterItsBurst_AndNoOtherPartyAndNoOtherAddressIs()
    {
        await using var rates = new PartyRates();
        var since = Stopwatch.GetTimestamp();
        var taken = 0;
        while (rates.Take(Request("10.0.0.1", "north")) is null)
        {
            taken++;
        }

        Assert.InRange(taken, PartyRates.Burst, PartyRates.Burst + (PartyRates.PerSecond * (Stopwatch.GetElapsedTime(since).TotalSeconds + 1)));
        Assert.Null(rates.Take(Request("10.0.0.1", "south")));
        Assert.Null(rates.Take(Request("10.0.0.2", "north"))); // the party itself, while somebody else asks in its name
    }

    [Fact]
    public async Task Address_ThatAsksInTheNamesOfManyParties_IsRefusedAfterItsBurst_AndNoOtherAddressIs()
    {
        await using var rates = new PartyRates();
        var (since, taken) = (Stopwatch.GetTimestamp(), 0);
        while (taken < 50_000 && rates.Take(Request("10.0.0.1", $"party-{taken % 100}")) is null)
        {
            taken++;
        }

        Assert.InRange(taken, PartyRates.AddressBurst, PartyRates.AddressBurst + (PartyRates.AddressPerSecond * (Stopwatch.GetElapsedTime(since).TotalSeconds + 1)));
        Assert.Null(rates.Take(Request("10.0.0.2", "north")));
    }

    [Fact]
    public async Task Address_WhoseRequestsInTheNamesOfManyPartiesCostMore_IsRefusedSooner_AndNoOtherAddressIs()
    {
        await using var rates = new PartyRates();
        var (since, taken) = (Stopwatch.GetTimestamp(), 0);
        while (taken < 50_000 && rates.Take(Request("10.0.0.1", $"party-{taken}")) is null)
        {
            rates.NoteAnswer(Request("10.0.0.1", $"party-{taken}", 401)); // each of them has its first ones
            taken++;
        }

        Assert.InRange(taken, PartyRates.AddressRefusedBurst, PartyRates.AddressRefusedBurst + (PartyRates.AddressRefusedPerSecond * (Stopwatch.GetElapsedTime(since).TotalSeconds + 1)));
        Assert.Null(rates.Take(Request("10.0.0.2", "north")));
    }

    [Theory]
    [InlineData(401, true)]
    [InlineData(413, true)]
    [InlineData(204, false)]
    [InlineData(409, false)]
    public async Task Party_WhoseRequestsCostMore_IsRefusedSooner_AndNoOtherPartyAndNoOtherAddressIs(int answer, bool isSooner)
    {
        await using var rates = new PartyRates();
        var (since, taken) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(since) < s_while) // buckets fill up by parts of a request
        {
            if (rates.Take(Request("10.0.0.1", "north")) is null)
            {
                taken++;
                rates.NoteAnswer(Request("10.0.0.1", "north", answer));
            }
        }

        var (burst, perSecond) = isSooner ? (PartyRates.RefusedBurst, PartyRates.RefusedPerSecond) : (PartyRates.Burst, PartyRates.PerSecond);
        Assert.InRange(taken, burst, burst + (perSecond * (Stopwatch.GetElapsedTime(since).TotalSeconds + 1)));
        Assert.Null(rates.Take(Request("10.0.0.1", "south")));
        Assert.Null(rates.Take(Request("10.0.0.2", "north")));
    }

    private static DefaultHttpContext Request(string address, string party, int answer = 200)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        (context.Request.RouteValues["federation"], context.Request.RouteValues["party"]) = ("shops", party);
        context.Response.StatusCode = answer;
        return context;
    }
}
