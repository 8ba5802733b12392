using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedRec.Contracts.Models;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Models;

/// <summary>The files of a model version and how they are written.</summary>
internal static class ModelFiles
{
    public const string Tensors = "tensors.safetensors";
    public const string Catalogue = "catalogue.json";
    public const string Weights = "weights.safetensors";
    public const string ServerState = "server-state.safetensors";
    private const string StepKey = "step";
    private const string CheckpointParameters = "parameters"; // beside the moments, which have other names
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static byte[] WriteTensors(ILearner learner, ReadOnlyMemory<float> parameters) =>
        Safetensors.Write(new ModelSnapshot(learner.Parameters, parameters), new Dictionary<string, string> { ["learner"] = learner.Name });

    /// <summary>The optimizer's moments; without moments a single zero stands in, because a file needs a tensor.</summary>
    public static byte[] WriteServerState(ServerState state)
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
        return Safetensors.Write(new ModelSnapshot(layout, values), new Dictionary<string, string> { [StepKey] = state.Step.ToString(CultureInfo.InvariantCulture) });
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

    /// <summary>A checkpoint: the server's whole state in one file.</summary>
    public static byte[] WriteCheckpoint(ServerState state) => WriteServerState(state with { Moments = state.Moments.Add(CheckpointParameters, state.Parameters) });

    public static ServerState ReadCheckpoint(ReadOnlyMemory<byte> file)
    {
        var state = ReadServerState(file, default);
        return state with { Parameters = state.Moments[CheckpointParameters], Moments = state.Moments.Remove(CheckpointParameters) };
    }

    public static byte[] WriteManifest(ModelManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, s_json);

    /// <summary>Reads a manifest; the metrics that an older program wrote into it were another model's, and are left out.</summary>
    public static ModelManifest ReadManifest(ReadOnlySpan<byte> json) =>
        (JsonSerializer.Deserialize<ModelManifest>(json, s_json) ?? throw new InvalidDataException("The manifest is empty.")) with
        {
            Metrics = ImmutableSortedDictionary<string, double>.Empty,
        };
}
