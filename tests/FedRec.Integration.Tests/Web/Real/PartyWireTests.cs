using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>Everything that leaves a party in a whole run, as it stands on the wire below TLS.</summary>
[Collection(RealWeb.Collection)]
public sealed class PartyWireTests(RealWeb web)
{
    [Theory]
    [InlineData("ease")]
    [InlineData("mf")]
    public async Task Run_OfAParty_SendsNoUserAndNoItemAndNoList(string learner)
    {
        using var party = await WireParty.ActiveAsync(web, $"wire-{Guid.NewGuid():N}");
        var recorder = new Recorder();
        using var client = new PartyClient(party.Code, party.Key, handler: recorder);
        var federation = web.Grains.GetGrain<IFederationGrain>(party.Code.Federation);
        var receipt = await federation.StartRunAsync(new RunRequest { Federation = party.Code.Federation, Learner = learner, Rounds = new RoundSettings { Count = learner == "ease" ? 0 : 2 } });
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);

        await client.ReportAsync(party.Trainer.Report, CancellationToken.None);
        while ((await web.Grains.GetGrain<IRunGrain>($"{party.Code.Federation}/{receipt.RunId}").GetStatusAsync()) is { Phase: RunPhase.Pending or RunPhase.Running })
        {
            if (await client.PollAsync(TimeSpan.FromSeconds(1), CancellationToken.None) is { } order)
            {
                var (catalogue, model) = (await client.FetchAsync(order.CatalogueSha256, CancellationToken.None), await client.FetchAsync(order.ModelSha256, CancellationToken.None));
                await (order.Evaluation is { } evaluation ? client.EvaluatedAsync(evaluation.Id, await party.Trainer.EvaluateAsync(order, catalogue, model), CancellationToken.None)
                    : client.SubmitAsync(order, party.Trainer.Train(order, catalogue, model), CancellationToken.None));
            }
        }

        var updates = recorder.Sent.Where(one => one.What.Contains("/updates/", StringComparison.Ordinal)).ToArray();
        Assert.True(updates.Length >= 2 && recorder.Sent.Any(one => one.What.Contains("/evaluations/", StringComparison.Ordinal)));
        Assert.True(learner != "mf" || updates.Select(one => one.Body).Distinct().Count() == 1); // as long as the model in each round, whatever was met
        var patterns = new[] { WireParty.UserMark, WireParty.ItemMark }.SelectMany(mark => new[] { Encoding.UTF8.GetBytes(mark), Encoding.Unicode.GetBytes(mark) })
            .Concat(Enumerable.Range(0, 15).Select(WireParty.ItemsOf).SelectMany(items => new[] { MemoryMarshal.AsBytes(items.AsSpan(0, 4)).ToArray(), Encoding.ASCII.GetBytes(string.Join(',', items.Take(4))) }));
        Assert.Empty(from pattern in patterns
                     from sent in recorder.Sent
                     where sent.Bytes.AsSpan().IndexOf(pattern) >= 0
                     select $"{sent.What}: {Encoding.UTF8.GetString(pattern)}");
    }

    private sealed class Recorder() : DelegatingHandler(new SocketsHttpHandler())
    {
        public ConcurrentQueue<(string What, byte[] Bytes, int Body)> Sent { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            Sent.Enqueue(($"{request.Method} {request.RequestUri!.AbsolutePath}", [.. Encoding.UTF8.GetBytes($"{request.RequestUri}\n{request.Headers}{request.Content?.Headers}\n"), .. body], body.Length));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
