using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace FedRec.Cli.Configuration;

/// <summary>One key that the configuration knows: a property of an options class.</summary>
internal sealed record SettingKey(string Key, Func<FedRecSettings, object> Section, PropertyInfo Property)
{
    private static readonly (string Name, Func<FedRecSettings, object> Get)[] s_sections =
    [
        ("Storage", s => s.Storage), ("Silo", s => s.Silo), ("Web", s => s.Web), ("Training", s => s.Training), ("Models", s => s.Models),
    ];

    /// <summary>All keys, section after section.</summary>
    public static IReadOnlyList<SettingKey> All { get; } = [.. s_sections.SelectMany(section =>
        section.Get(new FedRecSettings()).GetType().GetProperties()
            .Select(property => new SettingKey($"FedRec:{section.Name}:{property.Name}", section.Get, property)))];

    public bool IsSecret => Property.GetCustomAttribute<SecretAttribute>() is not null;

    /// <summary>Puts a given value into its options class.</summary>
    /// <exception cref="CliException">The value is not of the type, or outside what is allowed.</exception>
    public void Apply(FedRecSettings settings, Setting setting)
    {
        var value = Parse(setting);
        var wrong = Property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.IsValid(value));
        if (wrong is not null)
        {
            throw Wrong(setting, wrong.FormatErrorMessage(Property.Name));
        }

        Property.SetValue(Section(settings), value);
    }

    /// <summary>What may be printed of the resolved value.</summary>
    public string Show(FedRecSettings settings)
    {
        var value = Convert.ToString(Property.GetValue(Section(settings)), CultureInfo.InvariantCulture) ?? "";
        return IsSecret && value.Length > 0 ? "(set, not shown)" : value;
    }

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
                : throw Wrong(setting, $"It must be one of {string.Join(", ", Enum.GetNames(type))}.");
        }

        if (type == typeof(TimeSpan))
        {
            return Commands.Parse.TryDuration(setting.Value, out var duration) ? duration : throw Wrong(setting, "It must be a duration above zero, such as 250ms, 30s or 00:00:30.");
        }

        return int.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(setting, "It must be a whole number.");
    }

    private CliException Wrong(Setting setting, string rule) => new(
        ExitCode.BadConfiguration,
        $"{Key} is {(IsSecret ? "not usable" : $"'{setting.Value}'")} ({setting.Origin}). {rule}",
        "Correct it there; silo-config/README.md explains every key.");
}
