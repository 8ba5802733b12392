using System.Runtime.InteropServices;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Snapshots;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>What a round of secure aggregation is about, as anybody works it out who takes part: from the run and the model that he has, and not from what he is told.</summary>
internal static class SecureRounds
{
    /// <summary>Plans a try of a round, with fresh randomness and a name that is used for no other.</summary>
    /// <param name="run">The run.</param>
    /// <param name="round">The round.</param>
    /// <param name="model">What it starts from.</param>
    /// <param name="roster">Who may take part.</param>
    /// <exception cref="ArgumentException">So few, or so many, cannot take part.</exception>
    public static SecureRound Plan(RunContext run, int round, PreparedModel model, IEnumerable<Participant> roster)
    {
        Span<byte> fresh = stackalloc byte[SecretKey.Length];
        using (var stream = SecretKey.New().Stream("fedrec secure round"))
        {
            stream.Fill(fresh);
        }

        var name = $"{NameOf(run.RunKey, round)}{Guid.NewGuid():N}";
        return new SecureRound(BindingOf(run, name, model), roster, run.Algorithm.VectorOf(run.Learner.Recipe(model.Phase)), fresh.ToArray(), suite: SuiteOf(run));
    }

    /// <summary>Reads a round that is planned.</summary>
    /// <param name="run">The run.</param>
    /// <param name="number">The round that the client was asked for.</param>
    /// <param name="model">What it trains from.</param>
    /// <param name="description">As <see cref="SecureRound.Encode"/> wrote it.</param>
    /// <exception cref="InvalidDataException">It is damaged, or about something else than the client was asked, has, or sends.</exception>
    public static SecureRound Read(RunContext run, int number, PreparedModel model, ReadOnlySpan<byte> description)
    {
        var round = SecureRound.Decode(description, SuiteOf(run));
        if (!round.Binding.Round.StartsWith(NameOf(run.RunKey, number), StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The round of secure aggregation {round.Binding.Round} is none of round {number} of run {run.RunKey}.");
        }

        var (own, vector) = (BindingOf(run, round.Binding.Round, model), run.Algorithm.VectorOf(run.Learner.Recipe(model.Phase)));
        return round.Binding == own && IsSame(round.Vector, vector) ? round : throw new InvalidDataException(
            $"The round of secure aggregation {round.Binding.Round} is about another {DifferenceOf(round.Binding, own)} than this client has: it sends nothing. Compare the hashes with those that others were told.");
    }

    private static string NameOf(string runKey, int round) => FormattableString.Invariant($"{runKey}/{round}/");

    private static SecureSuite SuiteOf(RunContext run) => ((SecureMean)run.Algorithm.Way.Aggregator).Suite;

    // The catalogue's file holds the items' features, as far as the learner takes any.
    private static RoundBinding BindingOf(RunContext run, string name, PreparedModel model) => new(
        name, Safetensors.Sha256(MemoryMarshal.AsBytes(model.Parameters.Span)), run.CatalogueSha256, run.CatalogueSha256, RunRequests.Hash(run.Request, run.Source));

    private static bool IsSame(VectorPlan one, VectorPlan other) =>
        (one.Length, one.Scale.Bits, one.Scale.Clients, one.MostWeight, one.Largest) == (other.Length, other.Scale.Bits, other.Scale.Clients, other.MostWeight, other.Largest);

    private static string DifferenceOf(RoundBinding told, RoundBinding own) =>
        told.ModelHash != own.ModelHash ? "model" : told.CatalogueHash != own.CatalogueHash ? "catalogue"
        : told.FeaturesHash != own.FeaturesHash ? "set of item features" : told.ConfigurationHash != own.ConfigurationHash ? "configuration" : "vector";
}
