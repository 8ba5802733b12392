using System.Diagnostics;
using System.Text.Json;
using FedRec.Hosting.Azurite;

namespace FedRec.Integration.Tests.Storage;

/// <summary>The emulator removes what no blob refers to any more every ten minutes, thousands of extents at a time: it answers meanwhile, and no index is built anew for each of them.</summary>
public sealed class EmulatorSweepTests
{
    private const int Extents = 400;

    // Half of the extents go. Turns are those of the loop in which requests are answered.
    private const string Script = """
        const [folder, databases, extents] = [process.argv[1], process.argv[2], Number(process.argv[3])];
        const own = require(databases);
        const Extents = require(`${folder}/node_modules/azurite/dist/src/common/persistence/LokiExtentMetadataStore.js`).default;
        own.sweepInTurns(Extents);
        (async () => {
          const store = new Extents('extents', true);
          await store.init();
          for (let i = 0; i < extents; i++) {
            await store.updateExtent({ id: `e${(i * 7919) % extents}`, locationId: 'Default', path: `p${i}`, size: 1, lastModifiedInMS: 1 });
          }

          const collection = store.db.getCollection(store.EXTENTS_COLLECTION);
          let [rebuilt, removed, turns, sweeping] = [0, 0, 0, true];
          const ensureIndex = collection.ensureIndex;
          collection.ensureIndex = function () { rebuilt++; return ensureIndex.apply(this, arguments); };
          collection.on('delete', () => removed++);
          (function turn() { turns++; sweeping && setImmediate(turn); })();
          for (let i = 0; i < extents; i += 2) {
            await store.deleteExtent(`e${i}`);
          }

          sweeping = false;
          let wrong = 0;
          for (let i = 0; i < extents; i++) {
            wrong += (collection.findOne({ id: `e${i}` }) !== null) === (i % 2 === 1) ? 0 : 1;
          }

          console.log(JSON.stringify({ rebuilt, removed, turns, wrong, left: collection.count() }));
        })();
        """;

    [Fact]
    public async Task Sweep_OfManyExtents_LetsRequestsInBetween_AndBuildsNoIndexAnew()
    {
        var options = new AzuriteOptions { DataFolder = null };
        var tools = await NodeTools.FindAsync(options.SearchPath, default);
        var installation = await AzuriteInstallation.EnsureAsync(options, tools, null, default);
        var emulator = installation.StartInfo(tools, null, 0, 0, "").ArgumentList[0];
        var start = new ProcessStartInfo(tools.Node, ["-e", Script, Path.GetDirectoryName(emulator)!, emulator.Replace("emulator", "databases", StringComparison.Ordinal), $"{Extents}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();

        Assert.True(node.ExitCode == 0, await error);
        var told = JsonDocument.Parse(await output).RootElement;
        Assert.Equal((0, Extents / 2, 0, Extents / 2), (Number("rebuilt"), Number("removed"), Number("wrong"), Number("left")));
        Assert.InRange(Number("turns"), Extents / 2, int.MaxValue);

        int Number(string name) => told.GetProperty(name).GetInt32();
    }
}
