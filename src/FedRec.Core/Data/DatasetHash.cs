using System.Security.Cryptography;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Data;

/// <summary>The identity of loaded data, whatever file, format and order of rows it came from.</summary>
/// <remarks>SHA-256 over little-endian numbers and length-prefixed UTF-16 text: the items in ordinal order of their ids with features, dates and rules; then the
/// users in ordinal order of theirs, each with features and, for each split, the items' positions in that order with ratings, times, weights and kinds.
/// Titles, tags that are no features, and which party holds a user are not part of it.</remarks>
internal static class DatasetHash
{
    private const string Format = "fedrec-data-1"; // another way to write the data needs another name
    private const int BufferLength = 1 << 16;

    /// <summary>Computes it: 64 lower-case hexadecimal digits.</summary>
    public static string Of(Dataset data)
    {
        using var sha256 = SHA256.Create();
        using (var stream = new BufferedStream(new CryptoStream(Stream.Null, sha256, CryptoStreamMode.Write), BufferLength))
        using (var writer = new BinaryWriter(stream))
        {
            Write(writer, Format);
            var (items, users) = (Ordinal(data.Items), Ordinal(data.Users));
            var places = new int[items.Length];
            for (var place = 0; place < items.Length; place++)
            {
                places[items[place]] = place;
            }

            WriteSchema(writer, data.ItemFeatures);
            WriteSchema(writer, data.Train.Features);
            WriteItems(writer, data, items);
            WriteRules(writer, data.Catalogue, places);
            WriteUsers(writer, data, users, places);
        }

        return Convert.ToHexStringLower(sha256.Hash!);
    }

    /// <summary>The identity of the data with its users and items in the order of their numbers: 64 lower-case hexadecimal digits.</summary>
    public static string Numbered(Dataset data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(data.Sha256));
        foreach (var number in Ordinal(data.Items).Concat(Ordinal(data.Users)))
        {
            hash.AppendData(BitConverter.GetBytes(number));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Dense numbers in ordinal order of their ids.</summary>
    private static int[] Ordinal(IdMap ids)
    {
        var numbers = Enumerable.Range(0, ids.Count).ToArray();
        Array.Sort(Array.ConvertAll(numbers, number => ids[number]), numbers, StringComparer.Ordinal);
        return numbers;
    }

    private static void WriteSchema(BinaryWriter writer, FeatureTable? features)
    {
        writer.Write(features?.Schema.Columns.Count ?? 0);
        foreach (var column in features?.Schema.Columns ?? [])
        {
            Write(writer, column.Name);
            writer.Write(column.IsHashed);
            writer.Write(column.Vocabulary.Count);
            foreach (var word in column.Vocabulary)
            {
                Write(writer, word);
            }
        }
    }

    private static void WriteItems(BinaryWriter writer, Dataset data, int[] items)
    {
        writer.Write(items.Length);
        var context = data.Catalogue.Context.ToHashSet();
        foreach (var item in items)
        {
            Write(writer, data.Items[item]);
            WriteRow(writer, data.ItemFeatures, item);
            writer.Write(context.Contains(item));
            writer.Write(data.Catalogue.Lifetimes?.Published[item] ?? 0);
        }
    }

    private static void WriteRules(BinaryWriter writer, ItemCatalogue catalogue, int[] places)
    {
        writer.Write(catalogue.MinimumCohort);
        writer.Write(catalogue.Lifetimes is not null);
        if (catalogue.Lifetimes is { } lifetimes)
        {
            writer.Write(lifetimes.TimeToLive);
            writer.Write(lifetimes.HalfLife);
            writer.Write(lifetimes.Weight);
            writer.Write(lifetimes.Newest);
        }

        writer.Write(catalogue.Eligibility.Count);
        foreach (var rule in catalogue.Eligibility.OrderBy(rule => places[rule.Item]).ThenBy(rule => rule.Words, StringComparer.Ordinal))
        {
            writer.Write(places[rule.Item]);
            WritePlaces(writer, rule.RequiresAny, places);
            WritePlaces(writer, rule.Excludes, places);
        }
    }

    private static void WritePlaces(BinaryWriter writer, IReadOnlyList<int> items, int[] places)
    {
        writer.Write(items.Count);
        foreach (var place in items.Select(item => places[item]).Order())
        {
            writer.Write(place);
        }
    }

    private static void WriteUsers(BinaryWriter writer, Dataset data, int[] users, int[] places)
    {
        writer.Write(users.Length);
        var order = new List<long>();
        foreach (var user in users)
        {
            Write(writer, data.Users[user]);
            WriteRow(writer, data.Train.Features, user);
            WriteSplit(writer, data.Train, user, places, order);
            WriteSplit(writer, data.Validation, user, places, order);
            WriteSplit(writer, data.Test, user, places, order);
            WriteIfAny(writer, data.ColdTest, user, places, order);
            WriteIfAny(writer, data.MetBeforeTest, user, places, order);
        }
    }

    // Nothing is written of what only a temporal split has, so that the identity of other data is what it was before there were such splits.
    private static void WriteIfAny(BinaryWriter writer, UserItems? split, int user, int[] places, List<long> order)
    {
        if (split is not null)
        {
            WriteSplit(writer, split, user, places, order);
        }
    }

    /// <param name="writer">Where to.</param>
    /// <param name="split">Rows of one split.</param>
    /// <param name="user">Whose rows.</param>
    /// <param name="places">Each item's position in the order of ids.</param>
    /// <param name="order">Scratch memory.</param>
    private static void WriteSplit(BinaryWriter writer, UserItems split, int user, int[] places, List<long> order)
    {
        var items = split.Items(user);
        var ratings = split.Ratings(user);
        var times = split.Timestamps(user);
        var weights = split.Weights(user);
        var kinds = split.Kinds(user);
        order.Clear();
        for (var i = 0; i < items.Length; i++)
        {
            order.Add(((long)places[items[i]] << 32) | (uint)i);
        }

        order.Sort();
        writer.Write(items.Length);
        writer.Write((byte)((ratings.IsEmpty ? 0 : 1) | (times.IsEmpty ? 0 : 2) | (weights.IsEmpty ? 0 : 4) | (kinds.IsEmpty ? 0 : 8)));
        foreach (var place in order)
        {
            var i = (int)place;
            writer.Write((int)(place >> 32));
            writer.Write(ratings.IsEmpty ? 0 : ratings[i]);
            writer.Write(times.IsEmpty ? 0 : times[i]);
            writer.Write(weights.IsEmpty ? 1 : weights[i]);
            writer.Write(kinds.IsEmpty ? 0 : (int)kinds[i]);
        }
    }

    private static void WriteRow(BinaryWriter writer, FeatureTable? features, int row)
    {
        foreach (var value in features is null ? [] : features.Row(row))
        {
            writer.Write(float.IsNaN(value) ? float.NaN : value); // there are many bit patterns of NaN
        }
    }

    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write(text.Length);
        foreach (var unit in text)
        {
            writer.Write((ushort)unit); // also what UTF-8 has no bytes for
        }
    }
}
