using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Learners.Transfers;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Reads the options of the experiments with two domains and with public data.</summary>
internal static class DomainCommands
{
    /// <summary>Runs <c>--cross-domain</c>.</summary>
    /// <returns>0, or 2 when an option is wrong.</returns>
    public static int CrossDomain(string path, ReadOnlySpan<string> options)
    {
        if (Read("--cross-domain", options, publicData: false) is not { } read)
        {
            return 2;
        }

        CrossDomainExperiment.Run(path, read.Seeds);
        return 0;
    }

    /// <summary>Runs <c>--pre-train</c>.</summary>
    /// <returns>0, or 2 when an option is wrong.</returns>
    public static int PreTrain(string path, ReadOnlySpan<string> options)
    {
        if (Read("--pre-train", options, publicData: true) is not { } read)
        {
            return 2;
        }

        var own = Open(path);
        if (read.Public is null)
        {
            PreTrainExperiment.Run($"{own.Name}, half of the users public", seed => PublicStart.Halves(own, seed), read.Seeds);
            return 0;
        }

        var open = Open(read.Public);
        PreTrainExperiment.Run($"{own.Name} with {open.Name} public, items by {read.Match}", seed => PublicStart.Other(open, own, read.Match, seed), read.Seeds);
        return 0;
    }

    /// <summary>Runs <c>--warm-start</c>.</summary>
    /// <returns>0, or 2 when an option is wrong.</returns>
    public static int WarmStart(string path, ReadOnlySpan<string> options)
    {
        if (Read("--warm-start", options, publicData: false) is not { } read)
        {
            return 2;
        }

        WarmStartExperiment.Run(Open(path), read.Seeds);
        return 0;
    }

    private static Dataset Open(string path) => DatasetSource.Open(new DatasetOptions { Path = path });

    private static (int Seeds, string? Public, string Match)? Read(string command, ReadOnlySpan<string> options, bool publicData)
    {
        var (seeds, open, match) = (3, (string?)null, ItemKeys.Id);
        for (var i = 0; i < options.Length; i += 2)
        {
            var value = i + 1 < options.Length ? options[i + 1] : "";
            switch (options[i])
            {
                case "--seeds" when int.TryParse(value, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10:
                    seeds = count;
                    break;
                case "--public" when publicData && value.Length > 0:
                    open = value;
                    break;
                case "--match" when publicData && ItemKeys.All.Contains(value):
                    match = value;
                    break;
                default:
                    Console.Error.WriteLine($"'{options[i]} {value}' is not an option of {command}: --seeds 1 to 10{(publicData ? $", --public PATH, --match {string.Join(" or ", ItemKeys.All)}" : "")}.");
                    return null;
            }
        }

        return (seeds, open, match);
    }
}
