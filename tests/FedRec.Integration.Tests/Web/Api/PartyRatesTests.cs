using System.Diagnostics;
using System.Net;
using FedRec.Web.Parties;
using Microsoft.AspNetCore.Http;

namespace FedRec.Integration.Tests.Web.Api;

/// <summary>Who asks too often is told to come back, and nobody else is.</summary>
public sealed class PartyRatesTests
{
    [Fact]
    public async Task Party_ThatAsksOnAndOn_IsRefusedAfterItsBurst_AndNoOtherPartyAndNoOtherAddressIs()
    {
        await using var rates = new PartyRates();
        var since = Stopwatch.GetTimestamp();
        var taken = 0;
        while (rates.Take(Request("10.0.0.1", "north")).IsAcquired)
        {
            taken++;
        }

        Assert.InRange(taken, PartyRates.Burst, PartyRates.Burst + (PartyRates.PerSecond * (Stopwatch.GetElapsedTime(since).TotalSeconds + 1)));
        Assert.True(rates.Take(Request("10.0.0.1", "south")).IsAcquired);
        Assert.True(rates.Take(Request("10.0.0.2", "north")).IsAcquired); // the party itself, while somebody else asks in its name
    }

    [Fact]
    public async Task Address_ThatAsksInTheNamesOfManyParties_IsRefusedToo_AndNoOtherAddressIs()
    {
        await using var rates = new PartyRates();
        var taken = 0;
        while (taken < 50_000 && rates.Take(Request("10.0.0.1", $"party-{taken}")).IsAcquired)
        {
            taken++;
        }

        Assert.InRange(taken, PartyRates.Burst + 1, 49_999);
        Assert.True(rates.Take(Request("10.0.0.2", "north")).IsAcquired);
    }

    private static DefaultHttpContext Request(string address, string party)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        (context.Request.RouteValues["federation"], context.Request.RouteValues["party"]) = ("shops", party);
        return context;
    }
}
