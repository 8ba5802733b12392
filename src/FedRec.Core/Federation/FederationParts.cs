using System.Globalization;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>What run requests can name: learners, aggregators, update steps and scenarios. FedRec's own are added like anybody's.</summary>
/// <remarks>Each silo has its own, filled where its host is built and not changed any more: what a run names must be there on every silo.</remarks>
public sealed class FederationParts
{
    /// <summary>Share that <c>trimmed-mean</c> and <c>row-trimmed-mean</c> cut from each end, and <c>krum</c> and <c>multi-krum</c> reckon with, where none is given.</summary>
    public const double UsualTrim = 0.1;

    /// <summary>Share of a usual client's rows that <c>bounded-mean</c> shortens where none is given.</summary>
    public const double UsualShortened = 0.05;

    private readonly OrderedDictionary<string, LearnerDescriptor> _learners = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, Func<double, IAggregator>> _aggregators = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, Func<double, IUpdateStep>> _steps = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, Scenario> _scenarios = new(StringComparer.Ordinal);

    /// <summary>The learners in the order in which they were added.</summary>
    public IReadOnlyCollection<LearnerDescriptor> Learners => _learners.Values;

    /// <summary>Names of the aggregators.</summary>
    public IReadOnlyCollection<string> Aggregators => _aggregators.Keys;

    /// <summary>The scenarios in the order in which they were added.</summary>
    public IReadOnlyCollection<Scenario> Scenarios => _scenarios.Values;

    /// <summary>FedRec's own learners, aggregators and update steps, to which others can be added.</summary>
    public static FederationParts BuiltIn()
    {
        var parts = new FederationParts()
            .AddAggregator(MeanAggregator.Instance)
            .AddAggregator(new SinglesAggregator("median", new CoordinateMiddle(trim: null)))
            .AddAggregator("trimmed-mean", trim => new SinglesAggregator("trimmed-mean", new CoordinateMiddle(Trim(trim))))
            .AddAggregator("krum", trim => new SinglesAggregator("krum", new Krum(Trim(trim), multi: false)))
            .AddAggregator("multi-krum", trim => new SinglesAggregator("multi-krum", new Krum(Trim(trim), multi: true)))
            .AddAggregator("row-trimmed-mean", trim => new SinglesAggregator("row-trimmed-mean", new RowTrimmedMean(Trim(trim))))
            .AddAggregator("bounded-mean", trim => new SinglesAggregator("bounded-mean", new BoundedMean(Shortened(trim))))
            .AddAggregator(SecureMean.Instance)
            .AddStep("clip", norm => double.IsFinite(norm) && norm > 0 ? new NormClipping(norm) : throw new ArgumentException(Text($"clip is {norm}; it must be a length above 0, as in clip=1.")))
            .AddStep("topk", share => share is > 0 and < 1 ? new Sparsification(share) : throw new ArgumentException(Text($"topk is {share}; it must be the share of an update's values that are sent, in (0, 1), as in topk=0.1.")))
            .AddStep("float16", number => Coding("float16", number, new Quantization(ValueFormat.HalfPrecision)))
            .AddStep("int8", number => Coding("int8", number, new Quantization(ValueFormat.Bytes)))
            .AddStep("int4", number => Coding("int4", number, new Quantization(ValueFormat.Nibbles)))
            .AddStep("zstd", number => Coding("zstd", number, new Packing()));
        return LearnerRegistry.All.Aggregate(parts, (all, learner) => all.AddLearner(learner));
    }

    /// <summary>Adds a learner, for requests that name it.</summary>
    /// <exception cref="ArgumentException">There is one of that name, or it is no name.</exception>
    public FederationParts AddLearner(LearnerDescriptor learner) => Add(_learners, "a learner", learner.Name, learner);

    /// <summary>Adds an aggregator, for requests that name it and give no trim.</summary>
    /// <exception cref="ArgumentException">There is one of that name, or it is no name.</exception>
    public FederationParts AddAggregator(IAggregator aggregator) => AddAggregator(aggregator.Name, trim => trim == 0 ? aggregator
        : throw new ArgumentException(Text($"trim is {trim}, but aggregator {aggregator.Name} cuts nothing; leave it out, or take trimmed-mean.")));

    /// <summary>Adds an aggregator that goes by a number.</summary>
    /// <param name="name">Letters, digits and dashes.</param>
    /// <param name="create">Makes it for the request's trim, 0 where it gives none; refuses a number by an <see cref="ArgumentException"/> that says why.</param>
    /// <exception cref="ArgumentException">There is one of that name, or it is no name.</exception>
    public FederationParts AddAggregator(string name, Func<double, IAggregator> create) => Add(_aggregators, "an aggregator", name, create);

    /// <summary>Adds an update step, for requests that name it among their steps.</summary>
    /// <param name="name">Letters, digits and dashes.</param>
    /// <param name="create">Makes it for the number that stands behind the name, 0 where none does; refuses a number by an <see cref="ArgumentException"/> that says why.</param>
    /// <exception cref="ArgumentException">There is one of that name, or it is no name.</exception>
    public FederationParts AddStep(string name, Func<double, IUpdateStep> create) => Add(_steps, "an update step", name, create);

    /// <summary>Adds a scenario, for requests whose data names it.</summary>
    /// <exception cref="ArgumentException">There is one of that name, or it is no name.</exception>
    public FederationParts AddScenario(Scenario scenario) => Add(_scenarios, "a scenario", scenario.Name, scenario);

    /// <summary>Opens data: of a path, or of one of the <see cref="Scenarios"/>.</summary>
    /// <exception cref="DatasetException">The data is missing, not of a known format, or too much of it is bad.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or there is no such scenario.</exception>
    public Dataset Open(DatasetOptions options) => DatasetSource.Open(options, Scenarios);

    /// <summary>Looks a learner up.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message names the nearest one.</exception>
    public LearnerDescriptor Learner(string name) => LearnerRegistry.Find(name, Learners);

    /// <summary>Makes an aggregator.</summary>
    /// <param name="name">One of <see cref="Aggregators"/>.</param>
    /// <param name="trim">The number it goes by; 0 for none. Default: 0.</param>
    /// <exception cref="ArgumentException">There is none of that name, or it does not take the number.</exception>
    public IAggregator Aggregator(string name, double trim = 0) => _aggregators.TryGetValue(name, out var create)
        ? create(trim)
        : throw new ArgumentException($"There is no aggregator '{name}'; use {string.Join(", ", Aggregators)}.");

    /// <summary>Makes the update steps of a request, in their order.</summary>
    /// <param name="text">Names with commas between them, each with <c>=NUMBER</c> where it takes one, as <c>clip=2,clip=1</c>; null or empty for none.</param>
    /// <exception cref="ArgumentException">There is no such step, or it does not take the number.</exception>
    public UpdatePipeline Steps(string? text) => string.IsNullOrEmpty(text) ? UpdatePipeline.Empty : new UpdatePipeline([.. text.Split(',').Select(Step)]);

    private IUpdateStep Step(string text)
    {
        var (name, number) = text.Split('=') switch
        {
            [var alone] => (alone, 0),
            [var before, var after] when double.TryParse(after, NumberStyles.Float, CultureInfo.InvariantCulture, out var given) => (before, given),
            _ => throw new ArgumentException($"steps has '{text}'; a step is a name, or a name with a number, as in clip=1."),
        };
        return _steps.TryGetValue(name, out var create) ? create(number) : throw new ArgumentException($"There is no update step '{name}'; use {string.Join(", ", _steps.Keys)}.");
    }

    private FederationParts Add<T>(OrderedDictionary<string, T> parts, string kind, string name, T part)
    {
        if (name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
        {
            throw new ArgumentException($"'{name}' cannot be the name of {kind}: it must be of letters, digits and dashes.", nameof(name));
        }

        return parts.TryAdd(name, part) ? this : throw new ArgumentException($"There is {kind} '{name}' already; give yours another name.", nameof(name));
    }

    private static IUpdateStep Coding(string name, double number, IUpdateStep step) =>
        number == 0 ? step : throw new ArgumentException(Text($"{name} is {number}, but it takes no number; write {name} alone."));

    private static double Shortened(double trim) => trim == 0 ? UsualShortened : trim is > 0 and < 1 ? trim
        : throw new ArgumentException(Text($"trim is {trim}; for bounded-mean it must be the share of a usual client's rows that are shortened, in (0, 1)."));

    private static double Trim(double trim) => trim == 0 ? UsualTrim : trim is > 0 and < 0.5 ? trim
        : throw new ArgumentException(Text($"trim is {trim}; it must be a share in (0, 0.5): at 0.5 nobody is left."));

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
