using System.Text.Json;

namespace FedRec.Integration.Tests.Web;

/// <summary>The shape that every refusal has.</summary>
internal static class Problems
{
    /// <summary>Reads a refusal after checking that it is a problem with the security headers and shows nothing of the inside.</summary>
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, string request)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{request} answered {(int)response.StatusCode} as {response.Content.Headers.ContentType}: {body}");
        Assert.True(response.Headers.Contains("Content-Security-Policy"), $"{request} answered without security headers.");
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal); // no stack trace
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        return problem;
    }

    /// <summary>What a refusal says in words, after the same checks.</summary>
    public static async Task<string> ReasonAsync(HttpResponseMessage response) => (await ReadAsync(response, $"{response.RequestMessage}")).GetProperty("detail").GetString()!;
}
