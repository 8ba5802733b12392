using System.Globalization;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>Reads the lists that a run leaves, <c>recs.tsv</c>: user, rank, item and score, in <see cref="LinearText"/>. The score is taken for a rating.</summary>
internal static class RecommendationsReader
{
    /// <summary>The first line of such a file.</summary>
    public const string Header = "user\trank\titem\tscore";

    /// <summary>Adds all rows to the log, and counts them.</summary>
    public static void Read(string file, InteractionLog log, RowTally tally)
    {
        using var text = DataFile.OpenText(file);
        var number = 1;
        text.ReadLine();
        while (text.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            tally.Count();
            var fields = line.Split('\t');
            if (fields.Length != 4)
            {
                tally.Refuse(number, $"it has {fields.Length} fields with tabs between them instead of 4");
            }
            else if (!float.TryParse(fields[3], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || !float.IsFinite(score))
            {
                tally.Refuse(number, $"the score '{fields[3]}' is not a finite number");
            }
            else
            {
                log.Add(LinearText.Unescape(fields[0]), LinearText.Unescape(fields[2]), score);
            }
        }
    }
}
