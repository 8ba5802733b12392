using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Grains.RemoteParties;

/// <summary>The party's side of one try of a round of secure aggregation. Needs no silo. Not thread-safe.</summary>
/// <remarks>Its secrets are in memory only: a party that starts again takes part from the next try on, and the others unmask the sum without it.</remarks>
public sealed class RemoteSecureRound : IDisposable
{
    private readonly SecureRound _round;
    private readonly SecureClient _client;
    private readonly Dictionary<SecureStep, byte[]> _sent = []; // a step is taken once, and what came of it may have to be sent again

    /// <param name="trainer">The party's data.</param>
    /// <param name="order">The order of the first step, checked.</param>
    /// <param name="catalogue">The catalogue that it names.</param>
    /// <param name="model">The base parameters that it names.</param>
    /// <param name="signer">Signs with the party's key.</param>
    /// <exception cref="InvalidDataException">The coordinator says that the round is about something else than the party has.</exception>
    public RemoteSecureRound(RemoteTrainer trainer, PartyOrder order, ReadOnlySpan<byte> catalogue, ReadOnlySpan<byte> model, ISigner signer)
    {
        (_round, var fewest) = trainer.OpenSecure(order, catalogue, model);
        _client = _round.Numbers.Contains(order.Client) ? new SecureClient(_round, order.Client, signer) { Fewest = fewest }
            : throw new InvalidDataException("The round of secure aggregation leaves the party out that is asked for it.");
    }

    /// <summary>Hash of all that is agreed on, in hexadecimal.</summary>
    public string Session => Convert.ToHexStringLower(_round.Digest.Span);

    /// <summary>Hash of all that is agreed on.</summary>
    internal ReadOnlyMemory<byte> Digest => _round.Digest;

    /// <summary>Who takes part, with the SHA-256 of the public key that the coordinator says is theirs.</summary>
    public IReadOnlyDictionary<int, string> Peers => _round.Numbers.ToDictionary(number => number, number => PartyStatements.Sha256(_round.IdentityOf(number).Span));

    /// <summary>The answer to a step other than that in which the update is masked.</summary>
    /// <param name="step">What is asked.</param>
    /// <exception cref="InvalidDataException">What the coordinator tells is damaged, or the party does not go on; says why.</exception>
    public byte[] Answer(PartySecureStep step) => Once(step.Step, () => step.Step switch
    {
        SecureStep.Advertise => ValueOf(_client.Advertise()).Encode(),
        SecureStep.Share => ValueOf(_client.Share(Roll.Decode(step.Message.Span))).Encode(),
        SecureStep.Consent => ValueOf(_client.Consent(Survivors.Decode(step.Message.Span))).Encode(),
        SecureStep.Unmask => ValueOf(_client.Unmask(ConsentList.Decode(step.Message.Span))).Encode(),
        _ => throw new InvalidDataException($"There is no answer to step {step.Step} of secure aggregation."),
    });

    /// <summary>Erases the party's secrets.</summary>
    public void Dispose() => _client.Dispose();

    /// <summary>The party's update as it is sent, masked.</summary>
    internal byte[] Mask(ReadOnlyMemory<byte> message, FixedPointSum own) => Once(SecureStep.Mask, () => ValueOf(_client.Mask(ShareDelivery.Decode(message.Span), own)).Encode());

    private byte[] Once(SecureStep step, Func<byte[]> take)
    {
        if (!_sent.TryGetValue(step, out var sent))
        {
            sent = take();
            _sent.Clear(); // the one before has arrived
            _sent[step] = sent;
        }

        return sent;
    }

    private static T ValueOf<T>(Outcome<T> outcome)
        where T : class => outcome.Value ?? throw new InvalidDataException(outcome.Refusal!.Text);
}
