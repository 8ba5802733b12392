using System.Globalization;
using FedRec.Cli.Output;

namespace FedRec.Cli.Commands;

/// <summary>Which version was in use and which is now.</summary>
internal static class ModelChange
{
    public static ResultTable Table(string federation, long before, long serving) =>
        new ResultTable($"Model of {federation}", ">in use before", ">in use now")
            .Add(before == 0 ? "none" : before.ToString(CultureInfo.InvariantCulture), serving.ToString(CultureInfo.InvariantCulture));
}
