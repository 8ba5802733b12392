using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedRec.Contracts.Models;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;

namespace FedRec.Grains.Models;

/// <summary>The files of a model version and how they are written.</summary>
internal static class ModelFiles
{
    public const string Tensors = "tensors.safetensors";
    public const string Catalogue = "catalogue.json";
    public const string Weights = "weights.safetensors";
    public const string ServerState = "server-state.safetensors";
    private const string StepKey = "step";
    private const string PhaseKey = "phase";
    private const string CheckpointParameters = "parameters"; // beside the moments, which have other names
    private const string EarlierParameters = "parameters-after-"; // and the round
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static byte[] WriteTensors(ILearner learner, ReadOnlyMemory<float> parameters) =>
        Safetensors.Write(new ModelSnapshot(learner.Parameters, parameters), new Dictionary<string, string> { ["learner"] = learner.Name });

    /// <summary>The optimizer's moments as an older program kept them beside a version; without moments a single zero stands in, because a file needs a tensor.</summary>
    public static byte[] WriteServerState(ServerState state) => WriteState(state, ImmutableDictionary<string, string>.Empty);

    private static byte[] WriteState(ServerState state, ImmutableDictionary<string, string> notes)
    {
        var names = state.Moments.Keys.ToArray();
        var blocks = names.Select(name => new ParameterBlock(name, 1, state.Parameters.Length)).Append(new ParameterBlock("steps", 1, 1)).ToArray();
        var layout = new ParameterLayout(blocks);
        var values = new float[layout.Length];
        for (var i = 0; i < names.Length; i++)
        {
            state.Moments[names[i]].CopyTo(values.AsMemory(layout.Offset(i)));
        }

        values[^1] = state.Step;
        return Safetensors.Write(new ModelSnapshot(layout, values), notes.Add(StepKey, state.Step.ToString(CultureInfo.InvariantCulture)));
    }

    public static ServerState ReadServerState(ReadOnlyMemory<byte> file, ReadOnlyMemory<float> parameters)
    {
        var snapshot = Safetensors.Read(file);
        var moments = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        for (var i = 0; i < snapshot.Layout.Blocks.Length - 1; i++)
        {
            var block = snapshot.Layout.Blocks[i];
            moments.Add(block.Name, snapshot.Values.Slice(snapshot.Layout.Offset(i), block.Length));
        }

        var step = long.Parse(Safetensors.ReadMetadata(file)[StepKey], CultureInfo.InvariantCulture);
        return new ServerState(parameters, step, moments.ToImmutable());
    }

    /// <summary>A checkpoint: the server's whole state in one file, with where the run stands among its notes.</summary>
    /// <param name="state">The server's state.</param>
    /// <param name="earlier">Parameters after earlier rounds from which clients are training still, by round.</param>
    public static byte[] WriteCheckpoint(ServerState state, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> earlier) => WriteState(
        state with { Moments = state.Moments.Add(CheckpointParameters, state.Parameters).AddRange(earlier.Select(after => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{EarlierParameters}{after.Key}"), after.Value))) },
        ImmutableDictionary<string, string>.Empty.Add(PhaseKey, state.Phase.ToString()));

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="learner">Knows where a run stands whose checkpoint an older program wrote: its parameters say it, as a version's do.</param>
    /// <exception cref="InvalidDataException">It is no checkpoint.</exception>
    public static (ServerState State, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> Earlier) ReadCheckpoint(ReadOnlyMemory<byte> file, ILearner learner)
    {
        var state = ReadServerState(file, default);
        var parameters = state.Moments[CheckpointParameters];
        var earlier = state.Moments.Where(moment => moment.Key.StartsWith(EarlierParameters, StringComparison.Ordinal)).ToList();
        var read = state with
        {
            Parameters = parameters,
            Moments = state.Moments.Remove(CheckpointParameters).RemoveRange(earlier.Select(moment => moment.Key)),
            Phase = Safetensors.ReadMetadata(file).TryGetValue(PhaseKey, out var phase) ? LearningPhase.Parse(phase) : learner.PhaseOf(parameters.Span),
        };
        return (read, earlier.ToImmutableSortedDictionary(moment => int.Parse(moment.Key[EarlierParameters.Length..], CultureInfo.InvariantCulture), moment => moment.Value));
    }

    public static byte[] WriteManifest(ModelManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, s_json);

    /// <summary>Reads a manifest; the metrics that an older program wrote into it were another model's, and are left out.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ModelManifest ReadManifest(ReadOnlySpan<byte> json)
    {
        try
        {
            return (JsonSerializer.Deserialize<ModelManifest>(json, s_json) ?? throw new InvalidDataException("The manifest is empty.")) with
            {
                Metrics = ImmutableSortedDictionary<string, double>.Empty,
            };
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The manifest cannot be read: {exception.Message}", exception);
        }
    }
}
