using System.Security.Cryptography;
using System.Text.Json;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Takes the steps of secure aggregation that the coordinator asks for, with others whose keys the party has pinned: a coordinator that puts its own in their place is found out.</summary>
/// <remarks>The keys of the others are pinned when they are first seen, in <c>peers.json</c>; their owners can compare them.</remarks>
/// <param name="folder">What the party keeps.</param>
/// <param name="client">Speaks to the coordinator.</param>
/// <param name="say">Tells the party's owner.</param>
/// <param name="time">The clock.</param>
internal sealed class PartySecureRounds(PartyFolder folder, PartyClient client, Action<string> say, TimeProvider time) : IDisposable
{
    private RemoteSecureRound? _round;
    private ECDsa? _key;

    /// <summary>Begins a try of a round, and answers its first step.</summary>
    /// <exception cref="InvalidDataException">The party takes no part; says why.</exception>
    public async Task BeginAsync(PartyOrder order, RemoteTrainer trainer, byte[] catalogue, byte[] model, CancellationToken cancellationToken)
    {
        if (_round?.Session != SessionOf(order))
        {
            Dispose();
            _key = folder.ReadKey();
            _round = new RemoteSecureRound(trainer, order, catalogue, model, EcdsaP256.Signer(_key));
            if (folder.Releases.HasConsentedToAnother(order, _round.Session))
            {
                throw new InvalidDataException("The party has agreed to the sum of an earlier try of this round: the difference of that sum and another one would tell what it has sent. It takes part again from the next round on.");
            }

            Pin(_round.Peers, order.Client);
        }

        await AnswerAsync(order, cancellationToken);
    }

    /// <summary>The try that an order is about.</summary>
    /// <exception cref="InvalidDataException">The party is not in it.</exception>
    public RemoteSecureRound Of(PartyOrder order) => _round is { } round && round.Session == SessionOf(order) ? round
        : throw new InvalidDataException("The party has started again since this round began, and has its secrets no more. It takes part again from the next one on.");

    /// <summary>Answers a step; the same answer where it is asked for again.</summary>
    /// <exception cref="InvalidDataException">The party does not go on; says why.</exception>
    public async Task AnswerAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        var (round, step) = (Of(order), order.Secure!);
        var answer = round.Answer(step);
        if (step.Step == SecureStep.Consent)
        {
            folder.Releases.Add(new SecureConsent(time.GetUtcNow(), SecureConsent.Consent, order.Update.Run, order.Update.Round, order.ConfigSha256, round.Session)); // before it leaves
        }

        folder.Releases.Add(new { at = time.GetUtcNow(), what = "step", step = step.Step.ToString().ToLowerInvariant(), order.Update.Run, order.Update.Round, bytes = answer.Length, sha256 = PartyStatements.Sha256(answer) });
        await client.AnswerAsync(order, step.Step, answer, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _round?.Dispose();
        _key?.Dispose();
        (_round, _key) = (null, null);
    }

    private static string SessionOf(PartyOrder order) => Convert.ToHexStringLower(order.Secure!.Session.Span);

    private void Pin(IReadOnlyDictionary<int, string> peers, int own)
    {
        var pinned = ReadPins();
        var others = peers.Where(peer => peer.Key != own).ToArray();
        if (Array.Find(others, peer => pinned.TryGetValue(peer.Key, out var known) && known != peer.Value) is { Value: { } key } changed)
        {
            throw new InvalidDataException($"The coordinator says that client {changed.Key} has the key {key[..16]}…, and the party has pinned {pinned[changed.Key][..16]}…: nothing is sent. "
                + "If its owner says that it has a new key, the party's owner takes its line out of peers.json.");
        }

        var fresh = others.Where(peer => !pinned.ContainsKey(peer.Key)).ToArray();
        if (fresh.Length > 0)
        {
            foreach (var (number, seen) in fresh)
            {
                pinned[number] = seen;
            }

            PartyFiles.Write(folder.PeersPath, Json.Indented(pinned));
            say($"note: pinned the keys of {fresh.Length:N0} clients in {folder.PeersPath}: compare them with their owners, as the coordinator has told them");
        }
    }

    private SortedDictionary<int, string> ReadPins()
    {
        try
        {
            return PartyFiles.TryRead(folder.PeersPath) is { } text ? Json.Read<SortedDictionary<int, string>>(text) ?? throw new JsonException() : [];
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.BadConfiguration, $"{folder.PeersPath} does not say which keys of others the party has pinned.", "Put the file back as it was; without it the keys that the coordinator says next are pinned.", exception);
        }
    }
}
