using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The sample shop as a process: FedRec as a guest in somebody's application, without native torch.</summary>
[Collection(ServedCollection.Name)]
public sealed partial class ShopTests
{
    [Fact]
    public async Task Shop_WithCustomersAndOrders_ShowsItsOwnPageAndAdviceThatFollowsThem()
    {
        await using var home = new FedRecHome();
        var (shop, web) = await StartAsync(home);
        var before = await web.GetStringAsync("/?customer=c1");
        Assert.Contains("The Corner Shop", before, StringComparison.Ordinal);
        Assert.Contains("We do not know our customers", before, StringComparison.Ordinal);

        Assert.Equal("version 1\n", await LearnAsync(web));

        var advised = Advised(await web.GetStringAsync("/?customer=c1"));
        Assert.Equal(4, advised.Count);
        Assert.All(advised, one => Assert.StartsWith("because you ordered ", one.Why, StringComparison.Ordinal));
        await PostAsync(web, "/orders", ("customer", "c1"), ("product", advised[0].Product));
        Assert.DoesNotContain(advised[0].Product, Advised(await web.GetStringAsync("/?customer=c1")).Select(one => one.Product)); // it is bought
        var somebody = await PostAsync(web, "/customers", ("name", "Zoë <b>"));
        var customer = somebody.Split('=')[1];
        Assert.Contains("What most customers order", await web.GetStringAsync(somebody), StringComparison.Ordinal);
        Assert.Contains("Good day, Zo&#235; &lt;b&gt;!", await web.GetStringAsync(somebody), StringComparison.Ordinal);
        await PostAsync(web, "/orders", ("customer", customer), ("product", "p1"));
        await PostAsync(web, "/orders", ("customer", customer), ("product", "p3"));
        Assert.Contains("because you ordered", await web.GetStringAsync(somebody), StringComparison.Ordinal); // before anything is learned anew
        Assert.Equal("version 2\n", await LearnAsync(web)); // takes the new customer in
        var pages = await Task.WhenAll(web.GetStringAsync("/?customer=c1"), web.GetStringAsync(somebody));
        shop.Signal("INT");
        Assert.Equal(0, await shop.ExitAsync());
        await home.EmulatorGoneAsync("fedrec");

        var (_, again) = await StartAsync(home);

        Assert.Equal(pages, await Task.WhenAll(again.GetStringAsync("/?customer=c1"), again.GetStringAsync(somebody)));
        web.Dispose();
        again.Dispose();
    }

    [Fact]
    public async Task Shop_WithoutNativeTorch_RefusesARunThatNeedsItAndSaysWhatIsMissing()
    {
        await using var home = new FedRecHome();
        var (_, web) = await StartAsync(home, "--FedRec:Storage:Kind", "memory");

        foreach (var learner in new[] { "ease", "ncf" })
        {
            using var told = await web.PutAsJsonAsync($"/staff/fedrec/api/v1/federations/{learner}/simulation", new { syntheticUsers = 30, syntheticItems = 24 });
            using var started = await web.PostAsJsonAsync("/staff/fedrec/api/v1/runs", new
            {
                federation = learner,
                learner,
                learnerOptions = learner == "ease" ? new Dictionary<string, string> { ["lambda"] = "100" } : [],
                rounds = new { count = 1 },
            });

            var refusal = await started.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.BadRequest, started.StatusCode);
            Assert.Contains($"The learner {learner} needs native torch, which this program has not.", refusal, StringComparison.Ordinal);
            Assert.Contains("Reference the project FedRec.Torch", refusal, StringComparison.Ordinal);
        }

        web.Dispose();
    }

    private static async Task<(FedRecProcess Process, HttpClient Web)> StartAsync(FedRecHome home, params string[] line)
    {
        var process = home.StartProgram("samples/Shop", ["--urls", "http://127.0.0.1:0", "--Shop:Folder", home.Data, .. line]);
        var said = await process.WaitForAsync("Now listening on: ");
        return (process, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(said[said.IndexOf("http", StringComparison.Ordinal)..]), Timeout = FedRecProcess.Limit });
    }

    private static async Task<string> LearnAsync(HttpClient web)
    {
        using var answer = await web.PostAsync("/learn", null);
        return await answer.Content.ReadAsStringAsync();
    }

    // Where the answer leads.
    private static async Task<string> PostAsync(HttpClient web, string address, params (string Key, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(one => KeyValuePair.Create(one.Key, one.Value)));
        using var answer = await web.PostAsync(address, content);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.OriginalString;
    }

    private static List<(string Product, string Why)> Advised(string page)
    {
        var advice = page[page.IndexOf("<h2>For you</h2>", StringComparison.Ordinal)..];
        return [.. Advice().Matches(advice).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
    }

    [GeneratedRegex("name=\"product\" value=\"(p\\d+)\"><button>Order</button></form><small>([^<]*)</small>")]
    private static partial Regex Advice();
}
