using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

/// <summary>Shows a split in original ids, so that an expected value can be written by hand.</summary>
internal static class DatasetText
{
    public static string Show(this Dataset data, UserItems split) => string.Join("; ",
        from user in Enumerable.Range(0, split.UserCount)
        where split.Items(user).Length > 0
        select $"{data.Users[user]}: {string.Join(' ', split.Items(user).ToArray().Select(i => data.Items[i]))}");

    /// <summary>Everything but the name and the report, in dense numbers.</summary>
    public static string Fingerprint(this Dataset data) => string.Join("\n",
        string.Join(',', Enumerable.Range(0, data.Users.Count).Select(u => data.Users[u])),
        string.Join(',', Enumerable.Range(0, data.Items.Count).Select(i => data.Items[i])),
        string.Join(',', data.Catalogue.Titles),
        string.Join(',', data.Catalogue.Tags.Select(t => string.Join('|', t))),
        Rows(data.Train),
        Rows(data.Validation),
        Rows(data.Test),
        data.Protocol);

    private static string Rows(UserItems rows) => string.Join(';', Enumerable.Range(0, rows.UserCount).Select(u =>
        $"{string.Join(',', rows.Items(u).ToArray())}|{string.Join(',', rows.Ratings(u).ToArray())}|{string.Join(',', rows.Timestamps(u).ToArray())}"));
}
