using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Audits;

/// <summary>What becomes of a round in which the server shows one client something else than the others.</summary>
/// <param name="What">What is shown differently.</param>
/// <param name="IsDetected">Whether clients notice before anything of them leaves.</param>
/// <param name="How">Who refuses and why; or why nobody does.</param>
public sealed record TamperFinding(string What, bool IsDetected, string How);

/// <summary>Tampered item vectors: a server that shows one client other item vectors, features or items than the rest can read what that client has met out of what it sends, masked or not, unless somebody notices.</summary>
/// <remarks>RAIFLE (Pham et al. 2023, arXiv:2310.19163) and model inconsistency (Pasquini et al. 2021, arXiv:2111.07380). What a client trains from is hashed by itself, and the hashes are in everything that it signs and derives masks with
/// (<see cref="RoundBinding"/>): a round with two versions of it ends before a vector is sent. What is the same for everybody is not noticed by that. Where nothing is masked, clients do not hear of each other.</remarks>
public static class TamperProbe
{
    private const int Clients = 3;
    private const int Victim = 1;

    /// <summary>Tampers in each way, in rounds of three clients with keys of their own.</summary>
    /// <param name="parameters">Of the model that everybody should train from.</param>
    /// <param name="isMasked">Whether updates are masked.</param>
    /// <param name="masks">How.</param>
    public static IReadOnlyList<TamperFinding> Run(ReadOnlySpan<float> parameters, bool isMasked, SecureMean masks)
    {
        var tampered = parameters.ToArray();
        tampered[tampered.Length / 2] += 1; // one number of one vector
        var (honest, other) = (new RoundBinding("audit", HashOf(parameters), "items", "features", "configuration"), HashOf(tampered));
        (string, RoundBinding, RoundBinding)[] ways =
        [
            ("item vectors, for one client", honest, honest with { ModelHash = other }), ("item features, for one client", honest, honest with { FeaturesHash = "other features" }),
            ("items of the catalogue, for one client", honest, honest with { CatalogueHash = "other items" }),
            ("settings of training, for one client", honest, honest with { ConfigurationHash = "other settings" }),
            ("item vectors, the same for everybody", honest with { ModelHash = other }, honest with { ModelHash = other }),
        ];
        return [.. ways.Select(way => Find(way.Item1, way.Item2, way.Item3, isMasked, masks))];
    }

    /// <summary>Whether clients go on with a round in which one was shown something else.</summary>
    /// <param name="what">What is shown differently.</param>
    /// <param name="others">What the others were shown.</param>
    /// <param name="victim">What the victim was shown.</param>
    /// <param name="isMasked">Whether updates are masked.</param>
    /// <param name="masks">How.</param>
    public static TamperFinding Find(string what, RoundBinding others, RoundBinding victim, bool isMasked, SecureMean masks)
    {
        if (!isMasked)
        {
            return new TamperFinding(what, false, "nobody compares: where updates are not masked, clients do not hear of what others were shown");
        }

        IIdentity[] identities = [.. Enumerable.Range(0, Clients).Select(_ => Identity(masks.Suite))];
        var roster = identities.Select((identity, number) => new Participant(number, identity.PublicKey)).ToArray();
        SecureClient[] clients = [.. identities.Select((identity, number) =>
            new SecureClient(new SecureRound(number == Victim ? victim : others, roster, new VectorPlan(1, SumScale.For(Clients), 1, 1), suite: masks.Suite), number, identity))];
        try
        {
            var roll = new Roll([.. clients.Select(client => client.Advertise().Value!)]); // a server that is in it passes on whatever it gets
            Refusal[] refusals = [.. clients.Select(client => client.Share(roll).Refusal).OfType<Refusal>()];
            return refusals.Length > 0 ? new TamperFinding(what, true, $"{refusals.Length} of {Clients} clients refuse before they send anything: {refusals[0].Text}")
                : new TamperFinding(what, false, "all clients go on, as all were shown the same");
        }
        finally
        {
            Array.ForEach(clients, client => client.Dispose());
            Array.ForEach(identities, identity => identity.Dispose());
        }
    }

    private static string HashOf(ReadOnlySpan<float> parameters) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(parameters)));

    private static IIdentity Identity(SecureSuite suite)
    {
        using var stream = SecretKey.New().Stream("identity");
        return suite.Signatures.Draw(stream);
    }
}
