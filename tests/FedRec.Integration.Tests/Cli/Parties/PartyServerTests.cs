using System.Net;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Cli.Parties;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>What a party answers its own users, on its own machine and to nobody else.</summary>
public sealed class PartyServerTests : IAsyncLifetime, IDisposable
{
    private readonly WorkingParty _party = new();
    private readonly HttpClient _http = new();
    private readonly Terminal _terminal = CommandRun.Terminal(Path.GetTempPath());
    private PartyServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await PartyServer.StartAsync(new CommandContext(_terminal, CliApp.CreateRoot(_terminal).Parse("party run")), _party.Folder.Membership, _party.Newest, 0, CancellationToken.None);
        _http.BaseAddress = _server.Address;
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _http.Dispose();
        _party.Dispose();
    }

    [Fact]
    public async Task Recommendations_OfAUser_AreTheListOfTheModelWithItsReasons()
    {
        await _party.DoAsync(_party.Evaluation(round: 1));

        var answer = await JsonAsync("api/v1/recommendations/u3?k=4&explain=true&federation=shops");

        var expected = _party.Newest.Recommender!.Recommend(_party.Newest.Data!, new("u3", 4, Explain: true, Version: 0)).Items;
        Assert.Equal(("shops", "u3"), (answer.GetProperty("federation").GetString(), answer.GetProperty("user").GetString()));
        Assert.Equal(expected.Select(item => item.Title), answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString()));
        Assert.All(answer.GetProperty("items").EnumerateArray(), item => Assert.StartsWith("because of Item ", item.GetProperty("explanation").GetString(), StringComparison.Ordinal));
        Assert.Equal(("run-1", "mf", true), await ModelAsync());
        var near = (await JsonAsync("api/v1/items/i4/similar?k=3")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("item").GetString());
        Assert.Equal(_party.Newest.Recommender.FindSimilar(new("i4", 3)).Items.Select(item => item.Item), near);
        Assert.Equal("u13", Assert.Single((await JsonAsync("api/v1/users?prefix=U13")).EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData("api/v1/recommendations/nobody", 404, "The party has no user 'nobody' in its data, as it was last read. GET /fedrec/api/v1/users lists some.")]
    [InlineData("api/v1/recommendations/u%2Fx", 404, "The party has no user 'u/x'")]
    [InlineData("api/v1/recommendations/u3?k=0", 400, "'k' is 0; it must be from 1 to 1000.")]
    [InlineData("api/v1/recommendations/u3?federation=other", 404, "belongs to federation 'shops', and not to 'other'")]
    [InlineData("api/v1/recommendations/u3?count=5", 400, "'count' is no query key of this address")]
    [InlineData("api/v1/recommendations/u3?exclude=nothing", 404, "There is no item 'nothing' to exclude")]
    [InlineData("api/v1/items/nothing/similar", 404, "There is no item 'nothing' in the catalogue of shops")]
    [InlineData("api/v1/runs", 404, "")]
    public async Task Get_WhatThereIsNot_SaysWhatNext(string path, int status, string detail)
    {
        await _party.DoAsync(_party.Evaluation(round: 1));

        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(detail, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_BeforeThereIsAModel_SaysWhenThereWillBe()
    {
        await _party.DoAsync(_party.Order(round: 1));

        using var answer = await _http.GetAsync(new Uri("api/v1/recommendations/u3", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("has no trained model yet", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("There is no model yet", await _http.GetStringAsync(new Uri("fedrec?user=u3", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfAUser_ShowsTheListAndWritesNothingAsMarkup()
    {
        await _party.DoAsync(_party.Evaluation(round: 1));

        var page = await _http.GetStringAsync(new Uri("fedrec?user=u3", UriKind.Relative));
        var hostile = await _http.GetStringAsync(new Uri("fedrec?user=%3Cscript%3Ealert(1)%3C%2Fscript%3E", UriKind.Relative));

        Assert.Contains("<h2>For u3</h2><ol><li><strong>1. Item ", page, StringComparison.Ordinal);
        Assert.Contains("because of Item ", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", hostile, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", hostile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ForAnotherHost_IsRefused_AndNothingIsOnAnotherAddress()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/recommendations/u3") { Headers = { Host = "evil.example.org" } };
        using var answer = await _http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        Assert.True(_server.Address.IsLoopback);
        foreach (var address in Dns.GetHostAddresses(Dns.GetHostName()).Where(address => !IPAddress.IsLoopback(address)))
        {
            using var socket = new System.Net.Sockets.Socket(address.AddressFamily, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => socket.ConnectAsync(address, _server.Address.Port));
        }
    }

    private async Task<JsonElement> JsonAsync(string path) => JsonDocument.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

    private async Task<(string?, string?, bool)> ModelAsync()
    {
        var model = await JsonAsync("api/v1/model");
        return (model.GetProperty("run").GetString(), model.GetProperty("learner").GetString(), model.GetProperty("isEvaluated").GetBoolean());
    }
}
