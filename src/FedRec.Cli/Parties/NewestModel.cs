using System.Runtime.InteropServices;
using System.Text.Json;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Federation;
using FedRec.Grains.Recommendations;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>The newest model that a party has, ready to score for its users: kept in its folder, so that it is there after a restart, and while the coordinator is away.</summary>
/// <remarks>Parameters and catalogue are files named by their hashes; <c>model.json</c> names them, and is written last. So a crash leaves the model of before.</remarks>
internal sealed class NewestModel(PartyFolder folder, FederationParts parts, Action<string> say, TimeProvider time) : IDisposable
{
    private const string HeadFile = "model.json";
    private readonly SemaphoreSlim _one = new(1); // a model after the other
    private volatile Served? _served;
    private volatile RemoteTrainer? _data;

    /// <summary>What the party's users did, as it was last read; null before it was.</summary>
    public RemoteTrainer? Data => _data;

    /// <summary>The model that is served; null while there is none.</summary>
    public KeptModel? Kept => _served?.Model;

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

    /// <summary>Takes a model that was fetched, where it is newer.</summary>
    /// <param name="order">The order that names it, checked.</param>
    /// <param name="catalogue">Its catalogue.</param>
    /// <param name="model">Its parameters.</param>
    public Task OfferAsync(PartyOrder order, byte[] catalogue, byte[] model) => AloneAsync(async () =>
    {
        var offered = new KeptModel(order, time.GetUtcNow());
        if (!offered.Replaces(Kept))
        {
            return;
        }

        var recommender = await PartyRecommender.OpenAsync(parts, Data!, order, catalogue, model);
        Serve(offered, recommender);
        await KeepAsync(offered, catalogue, model);
    }, "the newest model is not kept");

    /// <inheritdoc/>
    public void Dispose() => _served?.Recommender.Dispose();

    private void Serve(KeptModel model, PartyRecommender recommender)
    {
        var before = _served;
        _served = new Served(model, recommender);
        before?.Recommender.Dispose(); // whoever is being answered is answered
        if (before?.Model.Sha256 != model.Sha256 && (model.IsEvaluated || before is null))
        {
            say($"{model.Run}: recommendations are from its model {(model.Version > 0 ? $"(version {model.Version})" : $"after round {model.Round}")} now");
        }
    }

    private async Task KeepAsync(KeptModel model, byte[] catalogue, byte[] parameters)
    {
        Directory.CreateDirectory(ModelFolder);
        foreach (var (sha256, bytes) in new[] { (model.Order.CatalogueSha256, catalogue), (model.Sha256, parameters) })
        {
            await PartyFolder.WriteWholeAsync(Path.Combine(ModelFolder, sha256), bytes); // also where it is there: it may be damaged
        }

        await PartyFolder.WriteWholeAsync(Path.Combine(ModelFolder, HeadFile), System.Text.Encoding.UTF8.GetBytes(Json.Indented(model)));
        foreach (var file in Directory.EnumerateFiles(ModelFolder).Where(file => Path.GetFileName(file) is not HeadFile and var name && name != model.Sha256 && name != model.Order.CatalogueSha256))
        {
            File.Delete(file);
        }
    }

    private async Task<byte[]> ReadAsync(string sha256)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(ModelFolder, sha256));
        return PartyStatements.Sha256(bytes) == sha256 ? bytes : throw new InvalidDataException($"The file {sha256} holds something else.");
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
