using System.Globalization;
using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks;

/// <summary>What scoring a user takes, of the evaluation of one: on a catalogue as large as that of MovieLens 1M, 166 items a user, the popular ones more often.</summary>
internal sealed class EvaluationPaths : IDisposable
{
    private const int Items = 3_706;
    private const int Users = 256;
    private const int Own = 166;
    private readonly UserItems _train = Draw();
    private readonly EvaluationSplit _split;
    private readonly float[] _scores = new float[Items];
    private readonly List<(string Name, ILearnerWorker Worker, PreparedModel Model)> _learners = [];
    private readonly float[] _weights; // of ease, row-major
    private readonly FoldIn _foldIn;

    public EvaluationPaths()
    {
        var held = new UserItems([.. Enumerable.Range(0, Users + 1)], [.. Enumerable.Range(0, Users).Select(user => Enumerable.Range(0, Items).First(item => !_train.Items(user).Contains(item)))]);
        _split = new EvaluationSplit(_train, new UserItems(new int[Users + 1], []), held, Items);
        var shape = new FederationShape(Items, Users) { Users = Users };
        foreach (var name in new[] { "ease", "mf", "ncf", "two-tower" })
        {
            var learner = LearnerRegistry.Create(name, new Dictionary<string, string>(), shape);
            _learners.Add((name, learner.CreateWorker(), learner.Prepare(name == "ease" ? Counts(learner) : learner.Initialize(1))));
        }

        var ease = (EaseModel)Of("ease").Model;
        ease.Derived!.DeriveAsync().Wait();
        _weights = new float[Items * Items];
        for (var item = 0; item < Items; item++)
        {
            ease.Weights.Score([item], [], _weights.AsSpan(item * Items, Items));
        }

        _foldIn = new FoldIn(new MatrixFactorizationOptions(), Items);
    }

    /// <summary>Prints medians of repetitions that take turns, and the ratios.</summary>
    public void Run()
    {
        ThrowUnlessEqual();
        var nothing = new Constant();
        Contender[] contenders =
        [
            new("ease, row by row", RowByRow),
            new("ease", user => Score("ease", user)),
            new("mf, product by product", ProductByProduct),
            new("mf", user => Score("mf", user)),
            new("ranking and metrics", user => Evaluate(nothing, user)),
        ];
        var fast = Harness.Compare(contenders, repetitions: 21, Users);
        var slow = Harness.Compare([new("ncf", user => Score("ncf", user)), new("two-tower", user => Score("two-tower", user))], repetitions: 3, clients: 16);
        foreach (var one in fast.Concat(slow))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {one.Name,-24} {one.Microseconds,9:F1} µs a user"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ease / row by row: {fast[1].Microseconds / fast[0].Microseconds:F2}; mf / product by product: {fast[3].Microseconds / fast[2].Microseconds:F2}"));
    }

    public void Dispose() => _learners.ForEach(one => one.Worker.Dispose());

    private (string Name, ILearnerWorker Worker, PreparedModel Model) Of(string name) => _learners.Single(one => one.Name == name);

    private void Score(string name, int user)
    {
        var (_, worker, model) = Of(name);
        worker.Score(model, _train.History(user), _scores);
    }

    private void RowByRow(int user)
    {
        _scores.AsSpan().Clear();
        foreach (var item in _train.Items(user))
        {
            TensorPrimitives.Add(_scores, _weights.AsSpan(item * Items, Items), _scores);
        }
    }

    private void ProductByProduct(int user)
    {
        var model = (MatrixFactorizationModel)Of("mf").Model;
        var own = _foldIn.SolveToScore(model, _train.History(user));
        for (var item = 0; item < Items; item++)
        {
            _scores[item] = VectorKernels.Dot(model.Items.Span.Slice(item * own.Length, own.Length), own);
        }
    }

    private RankingEvaluator? _evaluator;
    private MetricSums? _sums;

    private void Evaluate(IScorer scorer, int user)
    {
        _sums ??= new MetricSums(EvaluationFrame.Of(_split, [5, 10, 20]));
        (_evaluator ??= new RankingEvaluator(_split)).Evaluate(scorer, [user], _sums);
    }

    private void ThrowUnlessEqual()
    {
        foreach (var (name, reference) in new (string, Action<int>)[] { ("ease", RowByRow), ("mf", ProductByProduct) })
        {
            for (var user = 0; user < Users; user++)
            {
                reference(user);
                var expected = _scores.ToArray();
                Score(name, user);
                if (!expected.AsSpan().SequenceEqual(_scores))
                {
                    throw new InvalidOperationException($"{name} does not score user {user} as one by one.");
                }
            }
        }
    }

    // Counts of pairs that some users could have given.
    private static ReadOnlyMemory<float> Counts(ILearner learner)
    {
        var values = learner.Initialize(1);
        var random = SeedSequence.For(1, "counts");
        for (int row = 0, next = 0; row < Items; row++)
        {
            for (var column = row; column < Items; column++, next++)
            {
                values[next] = row == column ? 50 + random.NextInt32(200) : random.NextInt32(3);
            }
        }

        return values;
    }

    private static UserItems Draw()
    {
        var random = SeedSequence.For(1, "evaluation");
        var items = new List<int>();
        for (var user = 0; user < Users; user++)
        {
            var own = new SortedSet<int>();
            while (own.Count < Own)
            {
                own.Add((int)(Items * Math.Pow(random.NextDouble(), 2.2)));
            }

            items.AddRange(own);
        }

        return new UserItems([.. Enumerable.Range(0, Users + 1).Select(user => user * Own)], [.. items]);
    }

    private sealed class Constant : IScorer
    {
        private readonly float[] _values = [.. Enumerable.Range(0, Items).Select(item => (float)(item * 7919 % Items))];

        public void Score(int user, UserHistory history, Span<float> scores) => _values.CopyTo(scores);
    }
}
