using FedRec.Hosting.Azurite;

namespace FedRec.Cli.Hosting;

/// <summary>Shows on standard error what takes time before a store is there: a line that fills on a screen, elsewhere a line for each quarter.</summary>
/// <remarks>Not <see cref="Progress{T}"/>, which reports from another thread, after the command has gone on.</remarks>
internal sealed class SetupProgress(CommandContext context) : IProgress<SetupStep>
{
    private const int BarWidth = 24;
    private int _quarter;

    public void Report(SetupStep value)
    {
        if (value.Of > 0 && !context.Quiet)
        {
            ReportCount(value);
        }
        else if (value.Of == 0 && (context.Verbose || !value.Text.StartsWith("The storage emulator listens", StringComparison.Ordinal)))
        {
            context.Say(value.Text); // what takes time; that it came up as always is no news
        }
    }

    private void ReportCount(SetupStep step)
    {
        var (error, isLast) = (context.Terminal.Error, step.Done == step.Of);
        if (context.Terminal.ErrorIsScreen)
        {
            var filled = BarWidth * step.Done / step.Of;
            error.Write($"  [{new string('#', filled)}{new string('.', BarWidth - filled)}] {step.Done} of {step.Of} {step.Text}{(isLast ? Environment.NewLine : "\r")}");
        }
        else if (4 * step.Done / step.Of is var quarter && quarter > _quarter)
        {
            _quarter = quarter;
            error.WriteLine($"  {step.Done} of {step.Of} {step.Text}");
        }
    }
}
