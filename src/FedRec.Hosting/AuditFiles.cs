using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Grains.Recommendations;

namespace FedRec.Hosting;

/// <summary>Audit trails as files, one for each federation, one line of JSON for each recommended item.</summary>
/// <param name="folder">The data folder of the process.</param>
/// <remarks>A file is opened for one writer at a time, so that processes on one machine do not mix their lines. Written lines
/// survive the end of the process; they are not forced to the disk one by one.</remarks>
internal sealed class AuditFiles(string folder) : IAuditTrail, IDisposable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // ids stay readable: the text goes to a file, not into a page
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _turn = new(1); // in this process nobody has to poll

    /// <summary>Where the trail of a federation is.</summary>
    public static string PathOf(string folder, string federation) => Path.Combine(folder, $"audit-{federation}.jsonl");

    public async Task AppendAsync(string federation, IReadOnlyList<AuditLine> lines, CancellationToken cancellationToken = default)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => JsonSerializer.Serialize(line, s_json) + "\n")));
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(folder);
            await using var file = await OpenAsync(PathOf(folder, federation), cancellationToken);
            Append(file, text);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static async Task<FileStream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // it names people
        }

        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(s_poll, cancellationToken))
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(path) && Stopwatch.GetElapsedTime(start) < s_patience)
            {
                // another process is writing, or somebody reads
            }
        }
    }

    // All or nothing: what a full disk cut off is taken back, and what a kill cut off is closed by an end of line.
    private static void Append(FileStream file, byte[] text)
    {
        var end = file.Length;
        file.Position = Math.Max(0, end - 1);
        var isTorn = end > 0 && file.ReadByte() != '\n';
        try
        {
            file.Position = end;
            file.Write(isTorn ? [(byte)'\n', .. text] : text);
        }
        catch
        {
            file.SetLength(end);
            throw;
        }
    }
}
