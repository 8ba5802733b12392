using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Learners.Networks;

/// <summary>One local step: some users of the client, and the items among which they must find their own.</summary>
/// <param name="Users">Positions of the users in the client.</param>
/// <param name="Candidates">Slots of the items in <see cref="LocalPlan.Touched"/>: all own items of the users, and those drawn for any of them.</param>
internal sealed record LocalStep(int[] Users, int[] Candidates);

/// <summary>What one client will do in one round, drawn before the first tensor is made. Reused from client to client.</summary>
/// <remarks>Users of one step share what was drawn for any of them: a matrix product scores every pair of a step anyway. An item that
/// was drawn for one user and is another's own is the latter's own.</remarks>
internal sealed class LocalPlan(NeuralOptions options, int itemCount, NegativeSampler negatives)
{
    private readonly TouchedItems _inStep = new(itemCount);
    private readonly int[] _drawn = new int[itemCount];
    private readonly List<LocalStep> _steps = [];

    /// <summary>All items the client touches.</summary>
    public TouchedItems Touched { get; } = new(itemCount);

    /// <summary>The own items of the client's users.</summary>
    public TouchedItems Own { get; } = new(itemCount);

    /// <summary>The steps in their order.</summary>
    public IReadOnlyList<LocalStep> Steps => _steps;

    /// <summary>Own items and negatives of one epoch.</summary>
    public int Pairs { get; private set; }

    /// <summary>Own items of one epoch.</summary>
    public int Positives { get; private set; }

    /// <summary>Draws order, batches and negatives.</summary>
    public void Draw(ClientData data, ref SeededRandom random)
    {
        Touched.Clear();
        Own.Clear();
        _steps.Clear();
        (Pairs, Positives) = (0, 0);
        var users = Enumerable.Range(0, data.UserCount).Where(user => data.Items(user).Length > 0).ToArray();
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            random.Shuffle<int>(users);
            foreach (var batch in users.Chunk(options.Batch))
            {
                _steps.Add(new LocalStep(batch, Candidates(data, batch, ref random)));
            }
        }

        (Pairs, Positives) = (Pairs / options.Epochs, Positives / options.Epochs);
    }

    private int[] Candidates(ClientData data, int[] batch, ref SeededRandom random)
    {
        _inStep.Clear();
        foreach (var user in batch)
        {
            var own = data.Items(user);
            var wanted = Math.Min((long)options.Negatives * own.Length, itemCount - own.Length);
            var drawn = negatives.SampleDistinct(data, user, _drawn.AsSpan(0, (int)wanted), ref random);
            foreach (var item in own)
            {
                Own.Add(item);
                _inStep.Add(item);
            }

            foreach (var item in _drawn.AsSpan(0, drawn))
            {
                _inStep.Add(item);
            }

            (Pairs, Positives) = (Pairs + own.Length + drawn, Positives + own.Length);
        }

        var candidates = _inStep.Items.ToArray();
        for (var i = 0; i < candidates.Length; i++)
        {
            candidates[i] = Touched.Add(candidates[i]);
        }

        Array.Sort(candidates); // a step with all touched items then has them in the order of their slots
        return candidates;
    }
}
