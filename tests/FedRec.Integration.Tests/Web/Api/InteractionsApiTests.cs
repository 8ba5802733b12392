using System.Net;
using System.Net.Http.Json;
using FedRec.Contracts.Histories;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class InteractionsApiTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private FakeFederation _federation = null!;
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _federation = _cluster.Add("movies");
        _host = await WebHost.StartAsync(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Changes_OfAllKinds_ReachTheGrain()
    {
        using var added = await _host.Client.PostAsJsonAsync("/api/v1/interactions", new { user = "u17", item = "i3", rating = 4.5 });
        using var removed = await _host.Client.DeleteAsync(new Uri("/api/v1/interactions?user=u17&item=i3", UriKind.Relative));
        using var forgotten = await _host.Client.DeleteAsync(new Uri("/api/v1/users/a%2Fb", UriKind.Relative));

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.OK], [added.StatusCode, removed.StatusCode, forgotten.StatusCode]);
        Assert.Equal(
            [new("u17", HistoryChangeKind.Added, "i3", 4.5f), new("u17", HistoryChangeKind.Removed, "i3"), new("a/b", HistoryChangeKind.Forgotten)],
            _federation.History.Changes);
    }

    [Fact]
    public async Task Forget_AUser_SaysWhatRemains()
    {
        _federation.History.Receipt = new(HistoryOutcome.Recorded, "Forgotten.") { Remaining = ["the data that was loaded (movies)"] };

        using var answer = await _host.Client.DeleteAsync(new Uri("/api/v1/users/u17?retire=true", UriKind.Relative));

        Assert.Contains("\"retires\":true", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal); // the certificate
        Assert.Contains("\"remaining\":[\"the data that was loaded (movies)\"]", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HistoryOutcome.UnknownUser, HttpStatusCode.NotFound)]
    [InlineData(HistoryOutcome.UnknownItem, HttpStatusCode.NotFound)]
    [InlineData(HistoryOutcome.Unfit, HttpStatusCode.BadRequest)]
    [InlineData(HistoryOutcome.NoRun, HttpStatusCode.Conflict)]
    [InlineData(HistoryOutcome.UserForgotten, HttpStatusCode.Gone)]
    public async Task Add_Refused_SaysWhy(HistoryOutcome outcome, HttpStatusCode expected)
    {
        _federation.History.Receipt = new(outcome, "Because of this.");

        using var answer = await _host.Client.PostAsJsonAsync("/api/v1/interactions", new { user = "u17", item = "i3" });

        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains("Because of this.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
