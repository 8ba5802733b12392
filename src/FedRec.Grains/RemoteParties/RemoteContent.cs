using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Learners;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.RemoteParties;

/// <summary>What parties fetch, by its SHA-256: parameters, whose hash is worked out once for all parties of a silo, and catalogues.</summary>
internal sealed class RemoteContent(HostedCatalogues catalogues)
{
    private const int MostCatalogues = 4;
    private readonly ConditionalWeakTable<PreparedModel, Content> _models = [];
    private readonly ConditionalWeakTable<PreparedModel, Content> _versions = [];
    private readonly RecentlyUsed<(string RunKey, int Items, int Corrections), Content> _catalogues = new(MostCatalogues);

    /// <summary>Base parameters: little-endian float32, P of them.</summary>
    public Content Of(PreparedModel model) => _models.GetValue(model, one => Of(one.Parameters));

    /// <summary>Parameters as a version has them: the same bytes on every silo, whether it has read them from the store or has trained them, and so the same hash as when they were evaluated.</summary>
    public Content OfVersion(PreparedModel model, ILearner learner) => _versions.GetValue(model, one => Of(learner.ToVersion(one.Parameters, one.Phase)));

    private static Content Of(ReadOnlyMemory<float> parameters) => new(
        PartyStatements.Sha256(MemoryMarshal.AsBytes(parameters.Span)), sizeof(float) * (long)parameters.Length, (offset, length) => MemoryMarshal.AsBytes(parameters.Span).Slice(offset, length).ToArray());

    /// <summary>The catalogue of a run.</summary>
    public Task<Content> OfCatalogueAsync(RunContext run)
    {
        var data = run.Source.Hosted!;
        return _catalogues.GetOrLoad((run.RunKey, data.Items, data.Corrections), async _ =>
        {
            var bytes = (await catalogues.ContentAsync(run.Request.Federation, data)).Write();
            return new Content(PartyStatements.Sha256(bytes), bytes.Length, (offset, length) => bytes.AsSpan(offset, length).ToArray());
        });
    }
}

/// <summary>Bytes that are read in parts.</summary>
/// <param name="Sha256">Their SHA-256.</param>
/// <param name="Bytes">How many there are.</param>
/// <param name="Read">Copies some of them.</param>
internal sealed record Content(string Sha256, long Bytes, Func<int, int, byte[]> Read)
{
    /// <summary>A part; less than is wanted at the end.</summary>
    public ContentSlice Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var from = Math.Min(offset, Bytes);
        return new ContentSlice(Bytes, Read((int)from, (int)Math.Min(Math.Min(length, PartyLimits.BlockBytes), Bytes - from)));
    }
}
