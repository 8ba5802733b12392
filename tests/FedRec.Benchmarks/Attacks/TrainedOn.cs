using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Attacks on the data alone: the client trains as it should, on items that it never met.</summary>
/// <param name="known">What attackers know.</param>
/// <param name="factor">What the update is multiplied by: 1 is an attacker who cannot tamper with the program.</param>
internal abstract class TrainedOn(Knowledge known, float factor) : IAttack
{
    private static readonly int[] s_onlyUser = [0];
    private readonly ILearnerWorker _worker = known.Learner.CreateWorker();
    private readonly Dictionary<int, ClientData> _wrong = [];

    /// <inheritdoc/>
    public ClientUpdate Craft(HonestUpdate honest)
    {
        if (!_wrong.TryGetValue(honest.Client, out var data))
        {
            int[] items = [.. Items(honest.Data, SeedSequence.For(known.Seed, "wrong-data", honest.Client)).Order()];
            _wrong[honest.Client] = data = new ClientData(new UserItems([0, items.Length], items), s_onlyUser, known.Items);
        }

        var values = new UpdateBuffer();
        _worker.Train(honest.Model, new LocalTask(data, SeedSequence.For(known.Seed, honest.Round, honest.Client)), values);
        return Crafted.Times(honest with { Update = honest.Update with { Values = values } }, factor);
    }

    /// <summary>What it trains on, each once.</summary>
    protected abstract IEnumerable<int> Items(ClientData own, SeededRandom random);
}

/// <summary>Label flips: as many items as the client has met, drawn among those that it has not, are its positives, so that its own are drawn as negatives.</summary>
internal sealed class LabelFlip(Knowledge known) : TrainedOn(known, Crafted.Boost)
{
    private readonly int _items = known.Items;

    /// <inheritdoc/>
    protected override IEnumerable<int> Items(ClientData own, SeededRandom random)
    {
        var others = Enumerable.Range(0, _items).Except(own.Items(0).ToArray()).ToArray();
        random.Shuffle(others.AsSpan());
        return others.Take(Math.Max(1, Math.Min(own.Items(0).Length, others.Length / 2)));
    }
}

/// <summary>Fake users who say that they like the targets beside what a real user likes: the least that a federation has to take, as no update of theirs is wrong in form.</summary>
internal sealed class PromotingData(Knowledge known) : TrainedOn(known, 1)
{
    private readonly int[] _targets = known.Targets;

    /// <inheritdoc/>
    protected override IEnumerable<int> Items(ClientData own, SeededRandom random) => own.Items(0).ToArray().Union(_targets);
}
