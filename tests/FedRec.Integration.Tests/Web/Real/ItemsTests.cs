using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>What is near and what is popular, asked of a real cluster.</summary>
[Collection(RealWeb.Collection)]
public sealed class ItemsTests(RealWeb web)
{
    [Fact]
    public async Task Similar_OfEveryPopularItem_IsAListOfOtherItemsNearestFirst()
    {
        var popular = await GetAsync($"items/popular?federation={RealWeb.Federation}&k=1000");
        var users = popular.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("users").GetInt64()).ToList();
        Assert.NotEmpty(users);
        Assert.All(users, number => Assert.InRange(number, 10, 30));
        Assert.Equal(users.OrderDescending(), users);

        foreach (var item in popular.GetProperty("items").EnumerateArray())
        {
            var id = item.GetProperty("item").GetString()!;
            var near = await GetAsync($"items/{Uri.EscapeDataString(id)}/similar?federation={RealWeb.Federation}&k=1000");

            var scores = near.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("score").GetDouble()).ToList();
            Assert.Equal(("mf", item.GetProperty("title").GetString()), (near.GetProperty("learner").GetString(), near.GetProperty("title").GetString()));
            Assert.Equal(popular.GetProperty("version").GetInt64(), near.GetProperty("version").GetInt64());
            Assert.Equal(scores.OrderDescending(), scores);
            Assert.All(scores, score => Assert.InRange(score, double.Epsilon, 1.000001));
            Assert.DoesNotContain(id, near.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("item").GetString()));
        }
    }

    [Fact]
    public async Task Popular_WithATag_IsThatPartOfTheList()
    {
        var all = (await GetAsync($"items/popular?federation={RealWeb.Federation}&k=1000")).GetProperty("items").EnumerateArray().ToList();
        var tag = all[0].GetProperty("tags")[0].GetString()!;

        var tagged = (await GetAsync($"items/popular?federation={RealWeb.Federation}&k=1000&tag={Uri.EscapeDataString(tag)}")).GetProperty("items").EnumerateArray();

        Assert.Equal(
            all.Where(item => item.GetProperty("tags").EnumerateArray().Any(one => one.GetString() == tag)).Select(item => item.GetProperty("item").GetString()),
            tagged.Select(item => item.GetProperty("item").GetString()));
    }

    [Theory]
    [InlineData("items/a%2Fb/similar", 404, "'a/b'")]
    [InlineData("items/../similar", 404, "'..'")]
    [InlineData("items/%20/similar", 404, "items/popular")]
    [InlineData("items/i1/similar?version=99", 404, "no version 99")]
    [InlineData("items/popular?tag=klingon", 400, "'klingon'")]
    public async Task Item_ThatIsNotThere_IsRefusedByName(string address, int status, string reason)
    {
        var asked = $"/api/v1/{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}federation={RealWeb.Federation}";

        Assert.Contains(reason, await web.RefusedAsync(status, HttpMethod.Get, asked), StringComparison.Ordinal);
    }

    private async Task<JsonElement> GetAsync(string address)
    {
        using var response = await web.SendAsync(HttpMethod.Get, $"/api/v1/{address}");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
