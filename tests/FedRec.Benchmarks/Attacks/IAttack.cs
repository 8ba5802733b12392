using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks.Attacks;

/// <summary>What malicious clients, who act as one, send in place of their updates. One instance serves one run; not thread-safe.</summary>
internal interface IAttack
{
    /// <summary>Crafts an update.</summary>
    /// <param name="honest">What the client would send, the model it received, and its own data.</param>
    /// <returns>What it sends, with the weight of the honest one: what a client says it weighs is bounded elsewhere.</returns>
    ClientUpdate Craft(HonestUpdate honest);
}

/// <summary>What attackers know beside what the server sends to everybody and what their own clients hold.</summary>
/// <param name="Learner">What is trained: its item vectors are its first block.</param>
/// <param name="Targets">Items to promote.</param>
/// <param name="Public">Interactions that anybody can see, by user; most users have none.</param>
/// <param name="Seed">Of their draws.</param>
internal sealed record Knowledge(ILearner Learner, int[] Targets, UserItems Public, ulong Seed)
{
    /// <summary>Items of the catalogue.</summary>
    public int Items => Learner.Parameters.Blocks[0].Rows;

    /// <summary>Length of an item vector.</summary>
    public int Dims => Learner.Parameters.Blocks[0].Columns;
}

/// <summary>The attacks by name.</summary>
internal static class AttackList
{
    /// <summary>Attacks that promote the targets.</summary>
    public static IReadOnlyDictionary<string, Func<Knowledge, IAttack>> Promoting { get; } = new OrderedDictionary<string, Func<Knowledge, IAttack>>
    {
        ["fedrecattack"] = known => new FedRecAttack(known),
        ["a-hum"] = known => new HardUserMining(known),
        ["pipattack"] = known => new PopularityMimicry(known),
        ["popular-data"] = known => new PromotingData(known),
    };

    /// <summary>Attacks on the quality of all recommendations.</summary>
    public static IReadOnlyDictionary<string, Func<Knowledge, IAttack>> Untargeted { get; } = new OrderedDictionary<string, Func<Knowledge, IAttack>>
    {
        ["sign-flip"] = _ => new SignFlip(),
        ["noise"] = known => new RandomNoise(known),
        ["cluster"] = known => new ClusterAttack(known),
        ["label-flip"] = known => new LabelFlip(known),
    };
}
