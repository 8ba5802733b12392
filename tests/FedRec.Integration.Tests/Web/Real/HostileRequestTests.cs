using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>The law: whatever a request holds, it is never an error of the server, and every refusal is a problem.</summary>
[Collection(RealWeb.Collection)]
public sealed class HostileRequestTests(RealWeb web)
{
    private static readonly string s_long = new('x', 20_000);

    // By what is put in the place of a member; each is wrong for most kinds of members.
    private static readonly Func<JsonNode?>[] s_values =
    [
        () => null, () => true, () => "", () => "text", () => s_long, () => "\u0000\u202e\ud83d\ude00", () => 0, () => -1, () => 3.5, () => long.MaxValue, () => 1e300,
        () => JsonNode.Parse("1e999"), () => new JsonArray(), () => new JsonArray((JsonNode?)null), () => new JsonObject(), () => new JsonObject { [""] = null }, () => Nested(40), () => Nested(200),
    ];

    [Fact]
    public async Task Body_WithAnyMemberReplaced_IsNeverAnErrorOfTheServer()
    {
        foreach (var (address, body) in await BodiesAsync())
        {
            foreach (var path in Paths(body))
            {
                foreach (var value in s_values)
                {
                    await SendAsync(HttpMethod.Post, address, Replaced(body, path, value()));
                }
            }
        }
    }

    [Fact]
    public async Task Body_WithSeveralMembersReplaced_IsNeverAnErrorOfTheServer()
    {
        var bodies = await BodiesAsync();
        var several = Gen.Int[0, bodies.Count - 1].SelectMany(which => Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, s_values.Length - 1]).Array[2, 5], (which, changes) => (which, changes));

        await several.SampleAsync(async sample =>
        {
            var (address, body) = bodies[sample.which];
            foreach (var (place, value) in sample.changes)
            {
                var paths = Paths(body).ToList();
                body = paths.Count > 0 ? Replaced(body, paths[place % paths.Count], s_values[value]()) : body;
            }

            await SendAsync(HttpMethod.Post, address, body);
        }, seed: "0000KOIPe036", iter: 150, threads: 1);
    }

    [Fact]
    public async Task Parameter_OfAnyEndpoint_IsNeverAnErrorOfTheServer()
    {
        string[] values = ["", "0", "-1", "3.5", "1e999", "9223372036854775808", "true", "null", "a%2Fb", "%2e%2e", "%25", "%F0%9F%98%80", "%00", "%ff", "%zz", "%EF%BB%BF", "a%0d%0aX-Y:z", new string('x', 3_000)];
        var document = JsonDocument.Parse(await web.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                foreach (var parameter in operation.Value.TryGetProperty("parameters", out var list) ? list.EnumerateArray() : [])
                {
                    foreach (var value in values)
                    {
                        var (name, inPath) = (parameter.GetProperty("name").GetString()!, parameter.GetProperty("in").GetString() == "path");
                        var address = Filled(path.Name, inPath ? name : "", value) + (inPath ? "" : $"?{name}={value}");
                        await SendAsync(new HttpMethod(operation.Name.ToUpperInvariant()), address, null);
                    }
                }
            }
        }
    }

    private async Task SendAsync(HttpMethod method, string address, JsonNode? body)
    {
        using var response = await web.SendAsync(method, address, method == HttpMethod.Post ? body?.ToJsonString() ?? "" : null);
        var asked = Short($"{method} {address} {body?.ToJsonString()}");
        Assert.True((int)response.StatusCode < 500, $"{asked}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        // A null byte is refused by the server itself, before the pipeline and with no body.
        if ((int)response.StatusCode >= 400 && !address.Contains("%00", StringComparison.Ordinal))
        {
            await Problems.ReadAsync(response, asked);
        }

        if (response.StatusCode == HttpStatusCode.Created)
        {
            var run = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            using var stopped = await web.SendAsync(HttpMethod.Post, $"/api/v1/runs/{run.GetProperty("run").GetString()}/stop?federation={run.GetProperty("federation").GetString()}");
        }
    }

    private static string Short(string text) => text[..Math.Min(text.Length, 2_000)];

    // Every member that the document lists, with a value that is accepted.
    private async Task<List<(string Address, JsonNode Body)>> BodiesAsync()
    {
        var document = JsonNode.Parse(await web.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;
        var schemas = document["components"]!["schemas"]!;
        var bodies = new List<(string, JsonNode)>();
        foreach (var (address, operations) in document["paths"]!.AsObject())
        {
            if (operations!["post"]?["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema)
            {
                bodies.Add((Filled(address, "", ""), Sample(schema, schemas)!));
            }
        }

        Assert.Equal(7, bodies.Count);
        var small = JsonNode.Parse(RealWeb.SmallRun)!;
        foreach (var body in bodies.Select(b => b.Item2).Where(b => b["rounds"] is not null))
        {
            foreach (var (name, value) in small.AsObject())
            {
                body[name] = name is "rounds" ? Merged(body[name]!.AsObject(), value!.AsObject())
                    : value!.DeepClone();
            }

            body["federation"] = "fuzzed";
        }

        return bodies;
    }

    private static JsonObject Merged(JsonObject all, JsonObject some)
    {
        foreach (var (name, value) in some)
        {
            all[name] = value!.DeepClone();
        }

        return all;
    }

    private static JsonNode? Sample(JsonNode schema, JsonNode schemas)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            return Sample(schemas[reference[(reference.LastIndexOf('/') + 1)..]]!, schemas);
        }

        if (schema["properties"] is JsonObject properties)
        {
            return new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, Sample(p.Value!, schemas))));
        }

        return schema["items"] is { } items ? new JsonArray(Sample(items, schemas)) : schema["default"]?.DeepClone();
    }

    private static IEnumerable<string> Paths(JsonNode? node, string path = "") => node switch
    {
        JsonObject o => o.SelectMany(p => Paths(p.Value, $"{path}/{p.Key}").Prepend($"{path}/{p.Key}")),
        JsonArray a => a.SelectMany((item, i) => Paths(item, $"{path}/{i}").Prepend($"{path}/{i}")),
        _ => [],
    };

    private static JsonNode Replaced(JsonNode body, string path, JsonNode? value)
    {
        var copy = body.DeepClone();
        var (owner, steps) = (copy, path.Split('/')[1..]);
        foreach (var step in steps[..^1])
        {
            owner = owner is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : owner[step]!;
        }

        if (owner is JsonArray array)
        {
            array[int.Parse(steps[^1], CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            owner[steps[^1]] = value;
        }

        return copy;
    }

    private static string Filled(string path, string name, string value) => string.Join('/', path.Split('/').Select(segment =>
        segment == $"{{{name}}}" ? value : segment switch { "{id}" => "run-1", "{version}" => "1", "{n}" => "1", "{user}" => "u1", "{federation}" => RealWeb.Federation, "{party}" => "remote-0123", "{run}" => "run-1", "{round}" or "{attempt}" => "1", _ => segment }));

    private static JsonObject Nested(int depth) => Enumerable.Range(0, depth).Aggregate(new JsonObject(), (inner, _) => new JsonObject { ["a"] = inner });
}
