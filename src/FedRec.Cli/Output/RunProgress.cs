using FedRec.Contracts.Runs;
using Spectre.Console;

namespace FedRec.Cli.Output;

/// <summary>Shows a run on standard error while it trains: a bar on a screen, else one plain line per round.</summary>
internal static class RunProgress
{
    private static readonly string[] s_main = ["hr@10", "ndcg@10", "rmse", "mae", "accuracy", "auc"]; // two fit into a line

    /// <summary>Does the work and reports its events.</summary>
    /// <param name="context">Where to show it, and whether at all.</param>
    /// <param name="label">What is trained.</param>
    /// <param name="rounds">Rounds of the run.</param>
    /// <param name="work">Receives where to report events.</param>
    public static Task<T> ShowAsync<T>(CommandContext context, string label, int rounds, Func<Action<RunEvent>, Task<T>> work)
    {
        if (context.Quiet)
        {
            return work(_ => { });
        }

        return context.Terminal is { ErrorIsScreen: true, Color: true } ? BarAsync(context, label, rounds, work) : work(one => Line(context.Terminal.Error, label, rounds, one));
    }

    private static void Line(TextWriter error, string label, int rounds, RunEvent one)
    {
        if (Sentence(one) is { } text)
        {
            error.WriteLine(Text.Printable(one.Round > 0 ? $"{label}  round {one.Round}/{rounds}  {text}" : $"{label}  {text}"));
        }
    }

    private static Task<T> BarAsync<T>(CommandContext context, string label, int rounds, Func<Action<RunEvent>, Task<T>> work)
    {
        var console = Screen.Error(context.Terminal);
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 32 }, new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress =>
            {
                var bar = progress.AddTask(Markup.Escape(label), maxValue: rounds);
                return work(one => Advance(bar, label, rounds, one));
            });
    }

    private static void Advance(ProgressTask bar, string label, int rounds, RunEvent one)
    {
        if (one is { Kind: "round.done" })
        {
            bar.Value = one.Round;
        }

        if (Sentence(one) is { } text)
        {
            bar.Description = Markup.Escape(Text.Printable($"{label}  round {one.Round}/{rounds}  {text}"));
        }
    }

    private static string? Sentence(RunEvent one) => one switch
    {
        { Kind: "round.done", Record: { } r } when r.Reason is not null => $"{r.Phase.ToLowerInvariant()}: {r.Reason}",
        { Kind: "round.done", Record: { } r } =>
            $"{(r.Loss is { } loss ? $"loss {Text.Fixed(loss)}  " : "")}clients {r.Participants}/{r.Asked}{Some("dropped", r.Dropped)}{Some("late", r.Late)}{Some("rejected", r.Rejected)}  {Text.Seconds(r.Milliseconds / 1000)}",
        { Kind: "eval", Evaluation: { Users: 0 } e } => $"{(e.OnValidation ? "validation: " : "")}nobody to evaluate",
        { Kind: "eval", Evaluation: { } e } => string.Join("  ", s_main.Where(e.Metrics.ContainsKey).Take(2).Select(name => $"{(e.OnValidation ? "validation " : "")}{name} {Text.Fixed(e.Metrics[name])}")),
        { Kind: "warm-start" or "run.working" or "party.refused", Text: { } text } => text,
        { Kind: "run.done", Text: { } text } => text,
        _ => null,
    };

    private static string Some(string name, int count) => count > 0 ? $"  {name} {count}" : "";
}
