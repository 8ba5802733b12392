using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Grains.Models;
using FedRec.Grains.Runs;
using FedRec.Grains.Tests.Messages;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Golden;

/// <summary>The bytes of every sent and stored type stay what they were, and old bytes stay readable. A type that changes gets
/// a new member with a new id; its golden file is then kept as <c>Name.vN.hex</c>, and <see cref="OlderBytesTests"/> reads it.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static TheoryData<string> Names { get; } = [.. Samples.All.Select(sample => sample.GetType().Name)];

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Serialize_Sample_GivesTheGoldenBytes(string name)
    {
        var actual = Serializer.SerializeToArray(Sample(name));

        Assert.Equal(Convert.ToHexString(GoldenFile.Read(name, actual)), Convert.ToHexString(actual));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Deserialize_GoldenBytes_GivesTheSample(string name)
    {
        var sample = Sample(name);

        var read = Serializer.Deserialize<object>(GoldenFile.Read(name, Serializer.SerializeToArray(sample)));

        Assert.IsType(sample.GetType(), read);
        Assert.Equal(MessageGraph.Text(sample), MessageGraph.Text(read));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sample_IsFilledIn(string name) => Assert.Empty(
        from node in MessageGraph.Nodes(Sample(name))
        where node.IsLeaf ? IsDefault(node.Value) : node.Path.Length > 0 && !MessageGraph.Nodes(node.Value).Skip(1).Any()
        select node.Path);

    // A default in an initialiser must not come back when the plain zero was sent.
    [Fact]
    public void Deserialize_ZeroWhereAnotherDefaultIsInitialised_StaysZero()
    {
        var zero = new RoundSettings { Quorum = 0, Deadline = TimeSpan.Zero, Weighting = "", PublishEvery = 0, VirtualTime = false };

        Assert.Equal(zero, Serializer.Deserialize<RoundSettings>(Serializer.SerializeToArray(zero)));
    }

    [Fact]
    public void EverySerializableType_HasASample()
    {
        var types = new[] { typeof(RunRequest).Assembly, typeof(RunState).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            .Select(type => type.Name)
            .ToArray();

        Assert.Equal(types.Order(StringComparer.Ordinal), Samples.All.Select(sample => sample.GetType().Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Manifest_AsAFile_IsReadAndWrittenAsEver()
    {
        var actual = ModelFiles.WriteManifest(Samples.Manifest);

        var golden = GoldenFile.Read("manifest.json", actual);

        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(actual));
        Assert.Equal( // metrics outside of a measurement were another model's
            MessageGraph.Text(Samples.Manifest with { Metrics = ImmutableSortedDictionary<string, double>.Empty }), MessageGraph.Text(ModelFiles.ReadManifest(golden)));
    }

    [Fact]
    public void ServerState_AsAFile_IsReadAndWrittenAsEver()
    {
        var parameters = new[] { 1f, -2f, 0.5f };
        var initial = ServerState.Initial(parameters);
        var state = initial with { Step = 7, Moments = initial.Moments.Add("first", new[] { 3f, 4f, 5f }).Add("second", new[] { 6f, 7f, 8f }) };
        var actual = ModelFiles.WriteServerState(state);

        var golden = GoldenFile.Read("server-state.safetensors", actual);

        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(actual));
        Assert.Equal(MessageGraph.Text(state), MessageGraph.Text(ModelFiles.ReadServerState(golden, parameters)));
    }

    private static object Sample(string name) => Samples.All.Single(sample => sample.GetType().Name == name);

    private static bool IsDefault(object? value) => value switch
    {
        null => true,
        string text => text.Length == 0,
        ReadOnlyMemory<byte> bytes => bytes.IsEmpty,
        SiloAddress silo => silo.Equals(SiloAddress.Zero),
        _ => value.Equals(Activator.CreateInstance(value.GetType())),
    };
}
