using System.Globalization;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>The two ranges that optimizer settings have.</summary>
internal static class OptimizerRange
{
    public static double Positive(double value, string name) => double.IsFinite(value) && value > 0
        ? value
        : throw Outside(value, name, "finite and greater than 0");

    public static double Decay(double value, string name) => value is >= 0 and < 1 ? value : throw Outside(value, name, "in [0, 1)");

    private static ArgumentException Outside(double value, string name, string range) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {range}."), name);
}
