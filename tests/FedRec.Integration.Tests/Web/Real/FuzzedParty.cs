using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>A party that is asked for something now, and that has the answer ready.</summary>
/// <param name="Party">The party.</param>
/// <param name="Order">What it is asked.</param>
/// <param name="Answer">An update, a masked one, or the sums of an evaluation.</param>
internal sealed record FuzzedParty(WireParty Party, PartyOrder Order, byte[] Answer)
{
    private static readonly string[] s_names = ["north", "south", "west"];

    public string Update => WireParty.UpdatePath(Order);

    public string Evaluation => $"evaluations/{Order.Evaluation?.Id ?? Guid.Empty}";

    /// <summary>Where its answer belongs.</summary>
    public string Path => Order.Evaluation is null ? Update : Evaluation;

    /// <summary>Signature of an update, as it should be.</summary>
    public string Sign(byte[] update) =>
        Convert.ToBase64String(PartyKeys.Sign(Party.Key, PartyStatements.OfUpdate(Party.Code.Federation, Party.Code.Server, Party.Code.Party, Order, PartyStatements.Sha256(update))));

    /// <summary>Three parties of a federation of their own, which train.</summary>
    public static async Task<FuzzedParty[]> TrainingAsync(RealWeb web) => await Task.WhenAll((await StartAsync(web, "mean")).Select(async party =>
    {
        var order = await party.NextAsync();
        return new FuzzedParty(party, order, await party.TrainAsync(order));
    }));

    /// <summary>Three parties that evaluate.</summary>
    public static async Task<FuzzedParty[]> EvaluatingAsync(RealWeb web) => await Task.WhenAll((await StartAsync(web, "mean")).Select(async party =>
    {
        PartyOrder? order;
        while ((order = await party.Client.PollAsync(TimeSpan.FromSeconds(5), CancellationToken.None)) is not { Evaluation: not null })
        {
            _ = order is null ? null : await party.Client.SubmitAsync(order, await party.TrainAsync(order), CancellationToken.None);
        }

        var (catalogue, model) = (await party.Client.FetchAsync(order.CatalogueSha256, CancellationToken.None), await party.Client.FetchAsync(order.ModelSha256, CancellationToken.None));
        return new FuzzedParty(party, order, await party.Trainer.EvaluateAsync(RemoteTrainer.Checked(order), catalogue, model));
    }));

    /// <summary>Three parties that are about to send masked updates.</summary>
    public static async Task<FuzzedParty[]> MaskingAsync(RealWeb web) => await Task.WhenAll((await StartAsync(web, "secure-mean")).Select(async party =>
    {
        RemoteSecureRound? round = null;
        PartyOrder order;
        byte[] catalogue, model;
        while (true)
        {
            order = await party.NextAsync();
            (catalogue, model) = (await party.Client.FetchAsync(order.CatalogueSha256, CancellationToken.None), await party.Client.FetchAsync(order.ModelSha256, CancellationToken.None));
            if (order.Secure!.Step == SecureStep.Mask)
            {
                break;
            }

            round = order.Secure.Step == SecureStep.Advertise ? new RemoteSecureRound(party.Trainer, RemoteTrainer.Checked(order), catalogue, model, EcdsaP256.Signer(party.Key)) : round;
            await party.Client.AnswerAsync(order, order.Secure.Step, round!.Answer(order.Secure), CancellationToken.None);
        }

        using (round)
        {
            return new FuzzedParty(party, order, party.Trainer.Train(RemoteTrainer.Checked(order), catalogue, model, round!));
        }
    }));

    private static async Task<WireParty[]> StartAsync(RealWeb web, string aggregator)
    {
        var federation = $"fuzz-{Guid.NewGuid():N}";
        var parties = new List<WireParty>();
        foreach (var name in s_names)
        {
            parties.Add(await WireParty.ActiveAsync(web, federation, name: name));
        }

        var rounds = new RoundSettings { Count = 1, Deadline = TimeSpan.FromMinutes(30), Aggregator = aggregator };
        var receipt = await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new RunRequest { Federation = federation, Learner = "mf", Rounds = rounds });
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
        return [.. parties];
    }
}
