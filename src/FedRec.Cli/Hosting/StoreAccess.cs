namespace FedRec.Cli.Hosting;

/// <summary>Either the right to open a store, or the process that has it.</summary>
internal sealed record StoreAccess(InstanceLease? Lease, Instance? Owner)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(90);

    /// <summary>Takes the right; when another process has it, finds out how to reach that one.</summary>
    /// <exception cref="CliException">The owner does not say how to reach it.</exception>
    public static async Task<StoreAccess> TakeAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var (folder, store) = (DataHome.Folder(context.Terminal), Stores.NameOf(plan));
        var started = TimeProvider.System.GetTimestamp();
        for (var told = false; ; await Task.Delay(s_poll, cancellationToken))
        {
            if (InstanceLease.TryAcquire(folder, store) is { } lease)
            {
                return new StoreAccess(lease, null);
            }

            var owner = InstanceLease.Read(folder, store);
            if (owner is not null && !(plan.TrainsLong && IsPassing(owner)))
            {
                return new StoreAccess(null, owner);
            }

            if (owner is not null && !told)
            {
                told = true;
                context.Say($"Waiting for 'fedrec {owner.Verb}' (process {owner.ProcessId}) to finish with the store; --storage memory does not wait.");
            }

            if (owner is null && TimeProvider.System.GetElapsedTime(started) > s_startLimit)
            {
                throw new CliException(ExitCode.StoreUnreachable, $"Another FedRec process has the store in {folder} but does not say how to reach it.",
                    "Stop that process, or use --storage memory.");
            }
        }
    }

    // A demo stays until somebody ends it; every other verb takes its silo with it when it is done.
    private static bool IsPassing(Instance owner) => owner.Verb != "demo";
}
