using System.Diagnostics;

namespace FedRec.Hosting.Azurite;

/// <summary>Reads what a process says, so that it never waits for a reader, and keeps the last lines for an error message.</summary>
internal sealed class OutputTail
{
    private const int MaxLines = 15;
    private readonly Queue<string> _lines = [];

    /// <param name="process">Started, with both outputs redirected.</param>
    /// <param name="onLine">Called for each line of standard output.</param>
    /// <param name="onError">Called for each line of standard error; true for one that is not kept.</param>
    public OutputTail(Process process, Action<string>? onLine = null, Func<string, bool>? onError = null)
    {
        process.OutputDataReceived += (_, e) =>
        {
            Add(e.Data);
            if (e.Data is { } line)
            {
                onLine?.Invoke(line);
            }
        };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null || onError?.Invoke(e.Data) is not true)
            {
                Add(e.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines, joined by " | ".</summary>
    public override string ToString()
    {
        lock (_lines)
        {
            return _lines.Count == 0 ? "it said nothing" : string.Join(" | ", _lines);
        }
    }

    private void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line.Trim());
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
