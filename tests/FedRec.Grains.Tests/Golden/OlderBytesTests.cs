using System.Reflection;
using System.Runtime.CompilerServices;
using FedRec.Grains.Models;
using FedRec.Grains.Tests.Messages;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Golden;

/// <summary>What older code sent or stored, <c>Name.vN.hex</c>, stays readable: its members have the values they had, and members that
/// came later have their defaults.</summary>
public sealed class OlderBytesTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Deserialize_OlderBytes_GivesTheSampleWithLaterMembersAtTheirDefaults() => Assert.All(GoldenFile.Older(), older =>
    {
        var sample = older.Name == "manifest.json" ? Samples.Manifest : Samples.All.Single(one => one.GetType().Name == older.Name);

        var read = older.Name == "manifest.json" ? ModelFiles.ReadManifest(older.Bytes) : _services.GetRequiredService<Serializer>().Deserialize<object>(older.Bytes);

        Assert.IsType(sample.GetType(), read);
        var (values, defaults) = (Lines(sample), Defaults(sample));
        Assert.All(Lines(read), line => Assert.True(values.Contains(line) || defaults.Contains(line), $"{older.File}: '{line}' is neither in the sample nor a default."));
        Assert.True(Lines(read).Overlaps(values), $"{older.File} has nothing of the sample.");
    });

    [Fact]
    public void Defaults_OfARecord_AreThoseOfItsInitialisers() =>
        Assert.Superset(new HashSet<string> { ".Rounds.Quorum = 0.5", ".Rounds.Count = 0", ".Seed = 1" }, Defaults(Samples.All[0]));

    private static HashSet<string> Lines(object message) => [.. MessageGraph.Text(message).Split('\n')];

    /// <summary>The lines that the records of a message would have if nothing had been set in them.</summary>
    private static HashSet<string> Defaults(object message) =>
    [
        .. from node in MessageGraph.Nodes(message)
           where !node.IsLeaf
           from line in MessageGraph.Text(Fresh(node.Value!.GetType())).Split('\n')
           select node.Path + line,
    ];

    private static object? Fresh(Type type) => type.GetConstructor(BindingFlags.Instance | BindingFlags.Public, []) is not null ? Activator.CreateInstance(type)
        : type.IsEnum || type.Namespace!.StartsWith("System", StringComparison.Ordinal) ? null
        : RuntimeHelpers.GetUninitializedObject(type);
}
