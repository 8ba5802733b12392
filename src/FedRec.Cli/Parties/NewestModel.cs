using System.Runtime.InteropServices;
using System.Text.Json;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Federation;
using FedRec.Grains.Recommendations;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>The model that a party serves its users from, ready to score: the version in use where the coordinator tells which that is, or else the newest that the party has. Kept in its folder, so that it is there after a restart, and while the coordinator is away.</summary>
/// <remarks>Parameters and catalogue are files named by their hashes; <c>model.json</c> names them, and is written last. So a crash leaves the model of before.
/// The newest model that was evaluated is kept beside the version in use: where it is put in use next, nothing is fetched.</remarks>
internal sealed class NewestModel(PartyFolder folder, FederationParts parts, Action<string> say, TimeProvider time) : IDisposable
{
    private const string HeadFile = "model.json";
    private readonly SemaphoreSlim _one = new(1); // a model after the other
    private volatile Served? _served;
    private volatile RemoteTrainer? _data;
    private KeptModel? _spare; // its files are there, and it is not served

    /// <summary>What the party's users did, as it was last read; null before it was.</summary>
    public RemoteTrainer? Data => _data;

    /// <summary>The model that is served; null while there is none.</summary>
    public KeptModel? Kept => _served?.Model;

    /// <summary>The version that is in use, as the coordinator has told last; null where it does not tell.</summary>
    public long? InUse { get; set; }

    /// <summary>Whether another version is in use than the one that is served.</summary>
    public bool IsBehind => InUse is { } version && Kept?.InUse != version;

    /// <summary>Scores with it; null while there is none.</summary>
    public PartyRecommender? Recommender => _served?.Recommender;

    private string ModelFolder => Path.Combine(folder.Root, "model");

    /// <summary>Takes data that was read, and opens the model that was kept where that is not done, or is to be in other words.</summary>
    /// <param name="data">The data.</param>
    public Task UseAsync(RemoteTrainer data)
    {
        _data = data;
        return Kept is null || !data.MatchesById ? RestoreAsync() : Task.CompletedTask;
    }

    private Task RestoreAsync() => AloneAsync(async () =>
    {
        if (!File.Exists(Path.Combine(ModelFolder, HeadFile)))
        {
            return;
        }

        var kept = Json.Read<KeptModel>(await File.ReadAllTextAsync(Path.Combine(ModelFolder, HeadFile))) ?? throw new InvalidDataException($"{HeadFile} is empty.");
        var (catalogue, model) = (await ReadAsync(kept.Order.CatalogueSha256), await ReadAsync(kept.Order.ModelSha256));
        Serve(kept, await PartyRecommender.OpenAsync(parts, Data!, RemoteTrainer.Checked(kept.Order), catalogue, model));
    }, "the model that was kept cannot be served");

    /// <summary>Takes a model that was fetched, where it is newer. While the version in use is served, it is only kept.</summary>
    /// <param name="order">The order that names it, checked.</param>
    /// <param name="catalogue">Its catalogue.</param>
    /// <param name="model">Its parameters.</param>
    public Task OfferAsync(PartyOrder order, byte[] catalogue, byte[] model) => AloneAsync(async () =>
    {
        var offered = new KeptModel(order, time.GetUtcNow());
        var isSpare = InUse is not null && Kept is { InUse: > 0 };
        if ((isSpare && !offered.IsEvaluated) || !offered.Replaces(isSpare ? _spare : Kept is { InUse: > 0 } ? null : Kept)) // told no more which is in use: by a coordinator of an earlier release
        {
            return;
        }

        if (isSpare)
        {
            _spare = offered;
            await KeepAsync(Kept!, [(order.CatalogueSha256, catalogue), (order.ModelSha256, model)]);
            return;
        }

        var recommender = await PartyRecommender.OpenAsync(parts, Data!, order, catalogue, model);
        Serve(offered, recommender);
        await KeepAsync(offered, [(order.CatalogueSha256, catalogue), (order.ModelSha256, model)]);
    }, "the newest model is not kept");

    /// <summary>Takes the version in use, from what the party has or else from the coordinator.</summary>
    /// <param name="order">Names it, checked.</param>
    /// <param name="fetch">Fetches what has a hash.</param>
    public Task UseVersionAsync(PartyOrder order, Func<string, Task<byte[]>> fetch) => AloneAsync(async () =>
    {
        var (version, before) = (new KeptModel(order, time.GetUtcNow()) { InUse = order.BaseVersion }, _served);
        var (catalogue, model) = (await FindAsync(order.CatalogueSha256) ?? await fetch(order.CatalogueSha256), await FindAsync(order.ModelSha256) ?? await fetch(order.ModelSha256));
        _spare = before?.Model is { InUse: 0 } newest && newest.Replaces(_spare) ? newest : _spare;
        Serve(version, before?.Model is { } same && (same.Sha256, same.Order.CatalogueSha256, same.Order.ConfigSha256) == (order.ModelSha256, order.CatalogueSha256, order.ConfigSha256)
            ? before.Recommender : await PartyRecommender.OpenAsync(parts, Data!, order, catalogue, model));
        await KeepAsync(version, [(order.CatalogueSha256, catalogue), (order.ModelSha256, model)]);
    }, $"version {order.BaseVersion}, which is in use, cannot be served");

    /// <inheritdoc/>
    public void Dispose() => _served?.Recommender.Dispose();

    private void Serve(KeptModel model, PartyRecommender recommender)
    {
        var before = _served;
        _served = new Served(model, recommender);
        if (before?.Recommender != recommender)
        {
            before?.Recommender.Dispose(); // whoever is being answered is answered
        }

        if (model.InUse > 0)
        {
            say($"recommendations are from version {model.InUse} ({model.Run}) now, which is in use");
        }
        else if (before?.Model.Sha256 != model.Sha256 && (model.IsEvaluated || before is null))
        {
            say($"{model.Run}: recommendations are from its model {(model.Version > 0 ? $"(version {model.Version})" : $"after round {model.Round}")} now");
        }
    }

    private async Task KeepAsync(KeptModel model, (string Sha256, byte[] Bytes)[] files)
    {
        PartyFiles.MakeFolder(ModelFolder);
        foreach (var (sha256, bytes) in files)
        {
            PartyFiles.Write(Path.Combine(ModelFolder, sha256), bytes); // also where it is there: it may be damaged
        }

        PartyFiles.Write(Path.Combine(ModelFolder, HeadFile), Json.Indented(model));
        string?[] kept = [HeadFile, model.Sha256, model.Order.CatalogueSha256, _spare?.Sha256, _spare?.Order.CatalogueSha256];
        foreach (var file in Directory.EnumerateFiles(ModelFolder).Where(file => !kept.Contains(Path.GetFileName(file))))
        {
            File.Delete(file);
        }
    }

    private async Task<byte[]> ReadAsync(string sha256) => await FindAsync(sha256) ?? throw new InvalidDataException($"The file {sha256} is not there, or holds something else.");

    private async Task<byte[]?> FindAsync(string sha256)
    {
        var file = Path.Combine(ModelFolder, sha256);
        return File.Exists(file) && await File.ReadAllBytesAsync(file) is var bytes && PartyStatements.Sha256(bytes) == sha256 ? bytes : null;
    }

    // A model that cannot be kept or served stops nobody from training; the one of before goes on to be served.
    private async Task AloneAsync(Func<Task> work, string otherwise)
    {
        await _one.WaitAsync();
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or ExternalException or JsonException)
        {
            say($"note: {otherwise}: {exception.Message.Split('\n')[0]}");
        }
        finally
        {
            _one.Release();
        }
    }

    private sealed record Served(KeptModel Model, PartyRecommender Recommender);
}
