using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using FedRec.Core.Data;

namespace FedRec.Hosting.Configuration;

/// <summary>One key that the configuration knows: a property of an options object.</summary>
/// <param name="Key">With colons, such as <c>FedRec:Storage:Kind</c>.</param>
/// <param name="Options">The object that holds the value.</param>
/// <param name="Property">Where it is held.</param>
internal sealed record SettingKey(string Key, object Options, PropertyInfo Property)
{
    private const string NoDuration = "It must be a duration above zero, such as 250ms, 30s or 00:00:30.";

    /// <summary>All keys of some sections, section after section.</summary>
    public static IReadOnlyList<SettingKey> Of(params IEnumerable<(string Name, object Options)> sections) => [.. sections.SelectMany(section =>
        section.Options.GetType().GetProperties().Select(property => new SettingKey($"FedRec:{section.Name}:{property.Name}", section.Options, property)))];

    /// <summary>The key that a setting names.</summary>
    /// <exception cref="SettingException">There is none of that name.</exception>
    public static SettingKey Find(IReadOnlyList<SettingKey> known, Setting setting) =>
        known.FirstOrDefault(key => key.Key.Equals(setting.Key, StringComparison.OrdinalIgnoreCase))
        ?? throw new SettingException($"Unknown key {setting.Key} ({setting.Origin}).",
            NearestName.Find(setting.Key, known.Select(key => key.Key)) is { } close ? $"Did you mean {close}?" : "silo-config/README.md lists every key.");

    public bool IsSecret => Property.GetCustomAttribute<SecretAttribute>() is not null;

    private object? Value => Property.GetValue(Options);

    /// <summary>Puts a given value into its options object.</summary>
    /// <exception cref="SettingException">The value is not of the type, or outside what is allowed.</exception>
    public void Apply(Setting setting)
    {
        var value = Parse(setting);
        if (Rule(value) is { } rule)
        {
            throw Refused(setting, rule);
        }

        Property.SetValue(Options, value);
    }

    /// <summary>What is wrong with the value as it is, which code may have set; null for nothing.</summary>
    public string? Wrong() => Rule(Value) is { } rule ? $"{Key} is {(IsSecret ? "not usable" : $"'{Value}'")}. {rule}" : null;

    /// <summary>What may be printed of the value.</summary>
    public string Show()
    {
        var value = Convert.ToString(Value, CultureInfo.InvariantCulture) ?? "";
        return IsSecret && value.Length > 0 ? "(set, not shown)" : value;
    }

    private string? Rule(object? value) => value is TimeSpan duration && duration <= TimeSpan.Zero ? NoDuration
        : Property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.IsValid(value))?.FormatErrorMessage(Property.Name);

    private object Parse(Setting setting)
    {
        var type = Property.PropertyType;
        if (type == typeof(string))
        {
            return setting.Value;
        }

        if (type.IsEnum)
        {
            return Enum.TryParse(type, setting.Value, ignoreCase: true, out var member) && Enum.IsDefined(type, member)
                ? member
                : throw Refused(setting, $"It must be one of {string.Join(", ", Enum.GetNames(type))}.");
        }

        if (type == typeof(TimeSpan))
        {
            return Duration.TryParse(setting.Value, out var duration) ? duration : throw Refused(setting, NoDuration);
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(setting.Value, out var isSo) ? isSo : throw Refused(setting, "It must be true or false.");
        }

        return int.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refused(setting, "It must be a whole number.");
    }

    private SettingException Refused(Setting setting, string rule) => new(
        $"{Key} is {(IsSecret ? "not usable" : $"'{setting.Value}'")} ({setting.Origin}). {rule}",
        "Correct it there; silo-config/README.md explains every key.");
}

/// <summary>One configured value.</summary>
/// <param name="Key">With colons, such as <c>FedRec:Storage:Kind</c>.</param>
/// <param name="Value">As written.</param>
/// <param name="Origin">Where it was given, for error messages: file and line, variable or option.</param>
internal sealed record Setting(string Key, string Value, string Origin);

/// <summary>A setting that cannot be used.</summary>
/// <param name="what">What is wrong, and where.</param>
/// <param name="next">What to do.</param>
internal sealed class SettingException(string what, string next) : Exception(what)
{
    /// <summary>What to do.</summary>
    public string Next => next;
}

/// <summary>Durations as people write them.</summary>
internal static class Duration
{
    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1h</c>, <c>00:00:30</c> or a number of seconds; false for anything that is not above zero.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var digits = text.AsSpan().TrimEnd("hms");
        var unit = text.AsSpan()[digits.Length..] switch { "ms" => 0.001, "s" or "" => 1, "m" => 60, "h" => 3600, _ => 0 };
        var number = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        duration = number && unit > 0 && value * unit < 1e7 ? TimeSpan.FromSeconds(value * unit) : TimeSpan.Zero;
        return duration > TimeSpan.Zero || (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && text.Contains(':', StringComparison.Ordinal) && duration > TimeSpan.Zero);
    }
}
