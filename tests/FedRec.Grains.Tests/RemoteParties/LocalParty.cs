using System.Security.Cryptography;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>A party that speaks to its twin without the network between: real key, real signatures, real training.</summary>
internal sealed class LocalParty(IGrainFactory grains, string federation, string name, IEnumerable<HistoryChange> changes) : IDisposable
{
    private readonly RemoteTrainer _trainer = new(TestFederation.Parts, changes, key: SecretKey.New());

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Name => name;

    /// <summary>What it is invited with.</summary>
    public string Labels { get; init; } = "region=eu";

    public RemoteTrainer Trainer => _trainer;

    /// <summary>What it was last asked to evaluate.</summary>
    public (PartyOrder Order, byte[] Catalogue, byte[] Model)? Evaluated { get; private set; }

    public PartyTicket Ticket { get; private set; } = null!;

    public IPartyGrain Twin => grains.GetGrain<IPartyGrain>($"{federation}/{Ticket.Party}");

    public IPartiesGrain Parties => grains.GetGrain<IPartiesGrain>(federation);

    /// <summary>A party that was there before, with nothing but its key.</summary>
    public static LocalParty Again(IGrainFactory grains, string federation, PartyTicket ticket, byte[] key)
    {
        var party = new LocalParty(grains, federation, "again", []) { Ticket = ticket };
        party.Key.ImportECPrivateKey(key, out _);
        return party;
    }

    /// <summary>Invited, joined and approved, with its size told.</summary>
    public async Task EnterAsync()
    {
        await InviteAsync();
        Assert.Equal(PartyJoinOutcome.Pending, await JoinAsync());
        Assert.NotNull(await Parties.SetStandingAsync(name, PartyStanding.Active));
        await Twin.ReportAsync(_trainer.Report);
    }

    public async Task InviteAsync(TimeSpan? validFor = null) =>
        Ticket = await Parties.InviteAsync(name, new PartyTerms(HasManyUsers: true, Labels, HasRatings: false, validFor ?? TimeSpan.FromDays(1)));

    public Task<PartyJoinOutcome> JoinAsync(ECDsa? other = null)
    {
        var (key, secret) = ((other ?? Key).ExportSubjectPublicKeyInfo(), Ticket.Secret.ToArray());
        return Twin.JoinAsync(new PartyJoin(secret, key, PartyKeys.Sign(other ?? Key, PartyStatements.OfJoin(federation, Ticket.Server, Ticket.Party, secret, key))));
    }

    /// <summary>Is heard of, or it is taken for away.</summary>
    public async Task AdmitAsync() =>
        await Twin.AdmitAsync(new PartyToken(Guid.NewGuid().ToString(), (await Twin.GetCredentialAsync(CancellationToken.None))!.Nonce, DateTimeOffset.UtcNow.AddMinutes(1), ""), CancellationToken.None);

    /// <summary>Does what it is asked until it is told to stop.</summary>
    public async Task WorkAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await AdmitAsync();
            if (await Twin.PollAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None) is { } order)
            {
                await DoAsync(order);
            }
        }
    }

    public async Task DoAsync(PartyOrder order)
    {
        if (order.Evaluation is { } evaluation)
        {
            Assert.NotEqual(evaluation.Id, Evaluated?.Order.Evaluation?.Id); // what is answered is not asked again
            Evaluated = (order, await FetchAsync(order.CatalogueSha256), await FetchAsync(order.ModelSha256));
            await Twin.EvaluatedAsync(evaluation.Id, await _trainer.EvaluateAsync(RemoteTrainer.Checked(order), await FetchAsync(order.CatalogueSha256), await FetchAsync(order.ModelSha256)));
            return;
        }

        if (order.Secure is { Step: not SecureStep.Mask } step)
        {
            await AnswerAsync(order, step);
            return;
        }

        var (sent, update) = (new PartySubmission(PartyUpdateFault.NoAnswer, null), await TrainAsync(order));
        while (sent.Fault == PartyUpdateFault.NoAnswer) // of the round: as parties do, it is sent again
        {
            sent = await SendAsync(order, update);
        }

        Assert.True(sent.Fault is null or PartyUpdateFault.NotAsked, $"{sent.Fault}");
    }

    public async Task<byte[]> TrainAsync(PartyOrder order)
    {
        var (catalogue, model) = (await FetchAsync(order.CatalogueSha256), await FetchAsync(order.ModelSha256));
        return order.Secure is null ? _trainer.Train(RemoteTrainer.Checked(order), catalogue, model) : _trainer.Train(RemoteTrainer.Checked(order), catalogue, model, Secure!);
    }

    /// <summary>Its side of the round whose updates are masked.</summary>
    public RemoteSecureRound? Secure { get; private set; }

    /// <summary>Who it was told takes part, in each try of a round.</summary>
    public List<IReadOnlyDictionary<int, string>> Peers { get; } = [];

    /// <summary>Answers a step of secure aggregation.</summary>
    public async Task<bool> AnswerAsync(PartyOrder order, PartySecureStep step)
    {
        if (step.Step == SecureStep.Advertise)
        {
            Secure?.Dispose();
            var (catalogue, model) = (await FetchAsync(order.CatalogueSha256), await FetchAsync(order.ModelSha256));
            Secure = new RemoteSecureRound(_trainer, RemoteTrainer.Checked(order), catalogue, model, EcdsaP256.Signer(Key));
            Peers.Add(Secure.Peers);
        }

        return await Twin.AnswerAsync(order.Update, step.Step, Secure!.Answer(step));
    }

    /// <summary>Sends an update, signed for the order or for another one.</summary>
    public async Task<PartySubmission> SendAsync(PartyOrder order, byte[] update, PartyOrder? signed = null, ECDsa? by = null)
    {
        var opened = await Twin.OpenUpdateAsync(order.Update, update.Length, from: 0);
        if (opened.Upload == Guid.Empty)
        {
            return new PartySubmission(PartyUpdateFault.NotAsked, null);
        }

        for (var offset = 0; offset < update.Length; offset += 1_000)
        {
            Assert.True(await Twin.AddBlockAsync(opened.Upload, offset, update.AsMemory(offset, Math.Min(1_000, update.Length - offset))));
        }

        var statement = PartyStatements.OfUpdate(federation, Ticket.Server, Ticket.Party, signed ?? order, PartyStatements.Sha256(update));
        return await Twin.SubmitAsync(opened.Upload, PartyKeys.Sign(by ?? Key, statement));
    }

    public async Task<byte[]> FetchAsync(string sha256)
    {
        using var all = new MemoryStream();
        ContentSlice part;
        do
        {
            part = (await Twin.ReadAsync(sha256, all.Length, 10_000)) ?? throw new InvalidOperationException($"Nothing has the hash {sha256}.");
            all.Write(part.Bytes.Span);
        }
        while (all.Length < part.TotalBytes);

        Assert.Equal(sha256, PartyStatements.Sha256(all.ToArray()));
        return all.ToArray();
    }

    public void Dispose()
    {
        Secure?.Dispose();
        Key.Dispose();
        _trainer.Dispose();
    }
}
