using System.Collections.Immutable;
using System.Globalization;

namespace FedRec.Core.Learners;

/// <summary>What the text of a learner's option stands for.</summary>
public enum LearnerOptionKind
{
    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number with a decimal point.</summary>
    Number,

    /// <summary>One of a few words.</summary>
    Choice,
}

/// <summary>One option of a learner: enough to offer it on a command line, to check a value and to read it.</summary>
public sealed class LearnerOption
{
    private readonly double _minimum;
    private readonly double _maximum;
    private readonly bool _aboveMinimum;

    private LearnerOption(string name, LearnerOptionKind kind, string @default, string description, (double Low, double High, bool Above) range)
    {
        (Name, Kind, Default, Description) = (name, kind, @default, description);
        (_minimum, _maximum, _aboveMinimum) = range;
    }

    /// <summary>Name in lower case with dashes, such as <c>learning-rate</c>.</summary>
    public string Name { get; }

    /// <summary>What the value is.</summary>
    public LearnerOptionKind Kind { get; }

    /// <summary>The default as text, for people; it may depend on another option.</summary>
    public string Default { get; }

    /// <summary>One sentence that says what the option does, without range and default.</summary>
    public string Description { get; }

    /// <summary>The words of a choice; otherwise empty.</summary>
    public ImmutableArray<string> Choices { get; private init; } = [];

    /// <summary>Where the option has an effect, as <c>objective logistic or bpr</c>; null where it always has. Default: null.</summary>
    public string? Where { get; private init; }

    /// <summary>A word that may stand in place of a number; null for none.</summary>
    public string? Word { get; private init; }

    /// <summary>What held before there was this option, for versions that do not say it; null where it was the default of today. Default: null.</summary>
    public string? Before { get; private init; }

    private Func<IReadOnlyDictionary<string, string>, bool> Applies { get; init; } = _ => true;

    /// <summary>The same option, which has an effect beside some values of others only.</summary>
    /// <param name="applies">Whether it has one beside these values.</param>
    /// <param name="where">The same in words.</param>
    public LearnerOption Only(Func<IReadOnlyDictionary<string, string>, bool> applies, string where) =>
        new(Name, Kind, Default, Description, (_minimum, _maximum, _aboveMinimum)) { Choices = Choices, Word = Word, Before = Before, Applies = applies, Where = where };

    /// <summary>The same option, which came later than its learner, which did as under this value until then.</summary>
    public LearnerOption Later(string before) =>
        new(Name, Kind, Default, Description, (_minimum, _maximum, _aboveMinimum)) { Choices = Choices, Word = Word, Before = before, Applies = Applies, Where = Where };

    /// <summary>Refuses a value that would do nothing.</summary>
    /// <exception cref="ArgumentException">The option is given, and has no effect beside the other values.</exception>
    public void ThrowIfIdle(string learner, IReadOnlyDictionary<string, string> values)
    {
        if (values.ContainsKey(Name) && !Applies(values))
        {
            throw new ArgumentException($"The option {Name} of {learner} does nothing here: it is for {Where}. Leave it out.");
        }
    }

    /// <summary>The allowed values in words.</summary>
    public string Range => Kind == LearnerOptionKind.Choice
        ? string.Join(" or ", Choices)
        : string.Create(CultureInfo.InvariantCulture, $"{(Word is null ? "" : $"{Word} or ")}{(_aboveMinimum ? "more than " : "")}{_minimum} to {_maximum}");

    /// <summary>Declares a whole number.</summary>
    public static LearnerOption WholeNumber(string name, int minimum, int maximum, string @default, string description) =>
        new(name, LearnerOptionKind.WholeNumber, @default, description, (minimum, maximum, false));

    /// <summary>Declares a number.</summary>
    public static LearnerOption Number(string name, double minimum, double maximum, string @default, string description, bool aboveMinimum = false) =>
        new(name, LearnerOptionKind.Number, @default, description, (minimum, maximum, aboveMinimum));

    /// <summary>The same number, or a word that stands for no number and is the default.</summary>
    public LearnerOption Or(string word) => new(Name, Kind, word, Description, (_minimum, _maximum, _aboveMinimum)) { Word = word, Before = Before };

    /// <summary>Declares a choice.</summary>
    public static LearnerOption Choice(string name, ImmutableArray<string> choices, string @default, string description) =>
        new(name, LearnerOptionKind.Choice, @default, description, default) { Choices = choices };

    /// <summary>Reads a whole number.</summary>
    /// <returns>The value, or null when it is not given.</returns>
    /// <exception cref="ArgumentException">Not a whole number, or outside the range.</exception>
    public int? ReadWholeNumber(IReadOnlyDictionary<string, string> values) =>
        !values.TryGetValue(Name, out var text) ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && Allows(value) ? value
        : throw Refuse(text);

    /// <summary>Reads a number.</summary>
    /// <returns>The value, or null when it is not given, or as the word.</returns>
    /// <exception cref="ArgumentException">Not a number, or outside the range.</exception>
    public double? ReadNumber(IReadOnlyDictionary<string, string> values) =>
        !values.TryGetValue(Name, out var text) || text == Word ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Allows(value) ? value
        : throw Refuse(text);

    /// <summary>Reads a choice.</summary>
    /// <returns>The position in <see cref="Choices"/>, or null when it is not given.</returns>
    /// <exception cref="ArgumentException">Not one of the choices.</exception>
    public int? ReadChoice(IReadOnlyDictionary<string, string> values) =>
        !values.TryGetValue(Name, out var text) ? null
        : Choices.IndexOf(text) is >= 0 and var index ? index
        : throw Refuse(text);

    /// <summary>Refuses a value outside the range.</summary>
    /// <exception cref="ArgumentException">Names the option, the value and the range.</exception>
    public void ThrowUnlessAllowed(double value)
    {
        if (!Allows(value))
        {
            throw Refuse(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private bool Allows(double value) => value <= _maximum && (_aboveMinimum ? value > _minimum : value >= _minimum);

    private ArgumentException Refuse(string text) => new($"The option {Name} is '{text}'; it must be {Range}.");
}
