using System.Net;
using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>Pages, excluded items and tags over HTTP are parts of the whole list, whoever asks.</summary>
[Collection(RealWeb.Collection)]
public sealed class ListPartTests(RealWeb web)
{
    public static TheoryData<string> Askers { get; } = ["u1", "nobody", ""];

    [Theory]
    [MemberData(nameof(Askers))]
    public async Task Page_Excluded_AndTagged_AreThatOfTheWholeList(string user)
    {
        var whole = await AskAsync(user, 1_000, [], [], 0);
        var (excluded, tag) = (whole[1].GetProperty("item").GetString()!, whole[0].GetProperty("tags")[0].GetString()!);
        bool HasTag(JsonElement item) => item.GetProperty("tags").EnumerateArray().Any(one => one.GetString() == tag);

        var page = await AskAsync(user, 3, [], [], 2);
        var without = await AskAsync(user, 1_000, [excluded], [], 0);
        var tagged = await AskAsync(user, 1_000, [excluded], [tag], 0);
        var beyond = await AskAsync(user, 10, [], [], 5_000);

        Assert.Equal(whole.Skip(2).Take(3).Select(item => item.GetRawText()), page.Select(item => item.GetRawText()));
        Assert.Equal(Ids(whole.Where(item => item.GetProperty("item").GetString() != excluded)), Ids(without));
        Assert.Equal(Ids(whole.Where(item => item.GetProperty("item").GetString() != excluded && HasTag(item))), Ids(tagged));
        Assert.InRange(tagged.Count, 1, whole.Count - 2);
        Assert.Empty(beyond);
    }

    [Theory]
    [InlineData("GET", "recommendations/u1?federation=real&tag=klingon", null, 400, "'klingon'. Some of its")]
    [InlineData("GET", "recommendations/u1?federation=real&exclude=nothing", null, 404, "'nothing' to exclude")]
    [InlineData("GET", "recommendations/nobody?federation=real&exclude=", null, 404, "''")]
    [InlineData("POST", "recommendations", """{"federation":"real","items":[],"tags":["klingon"]}""", 400, "'klingon'")]
    [InlineData("POST", "recommendations", """{"items":[],"exclude":[null]}""", 400, "$.exclude")]
    [InlineData("POST", "recommendations", """{"items":[],"tags":null}""", 400, "$.tags")]
    [InlineData("POST", "recommendations", """{"items":[],"offset":9991}""", 400, "'offset' is 9991")]
    public async Task Part_ThatCannotBe_IsRefusedByName(string method, string address, string? body, int status, string reason) =>
        Assert.Contains(reason, await web.RefusedAsync(status, new HttpMethod(method), $"/api/v1/{address}", body), StringComparison.Ordinal);

    private async Task<List<JsonElement>> AskAsync(string user, int k, string[] exclude, string[] tags, int offset)
    {
        var query = string.Concat(exclude.Select(item => $"&exclude={Uri.EscapeDataString(item)}").Concat(tags.Select(tag => $"&tag={Uri.EscapeDataString(tag)}")));
        using var response = user.Length > 0
            ? await web.SendAsync(HttpMethod.Get, $"/api/v1/recommendations/{user}?federation={RealWeb.Federation}&k={k}&offset={offset}&explain=true{query}")
            : await web.SendAsync(HttpMethod.Post, "/api/v1/recommendations", JsonSerializer.Serialize(new { federation = RealWeb.Federation, items = Array.Empty<object>(), k, exclude, tags, offset, explain = true }));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        var answer = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.True(user == "u1" == (answer.GetProperty("reason").ValueKind == JsonValueKind.Null), text);
        return [.. answer.GetProperty("items").EnumerateArray()];
    }

    private static IEnumerable<string?> Ids(IEnumerable<JsonElement> items) => items.Select(item => item.GetProperty("item").GetString());
}
