using FedRec.Contracts.Runs;
using FedRec.Grains.Models;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Reads the data of a run that is to start and checks the request on it, while others watch. In memory only.</summary>
internal sealed class RunCheck(string runKey, RunRequest request, RunSource source, RunServices services, IGrainFactory grains, RunEventLog events)
{
    private const int MaxNotes = 20; // many parties can have many
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isChecked;

    /// <summary>The run as far as it is known.</summary>
    public RunStatus Status { get; private set; } = new()
    {
        RunId = GrainKeys.RunId(runKey),
        Request = request,
        Source = source,
        Phase = RunPhase.Loading,
        StartedAt = services.Time.GetUtcNow(),
    };

    /// <summary>Gives the check up.</summary>
    public void Stop() => _stopped.TrySetResult();

    /// <summary>Checks the request.</summary>
    /// <returns>Why the run cannot start; null when it can.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<RunReceipt?> RunAsync(CancellationToken cancellationToken)
    {
        events.Add(new RunEvent { Kind = "run.loading", Text = source.Simulated is { } data ? $"Reading {Path.GetFileName(data.Path) ?? "the built-in data"}." : "Reading the catalogue." });
        try
        {
            var checking = CheckAsync(cancellationToken);
            if (await Task.WhenAny(checking, _stopped.Task) != checking)
            {
                return Refused(new RunReceipt(RunOutcome.Invalid, "", $"Run {Status.RunId} was stopped while its data was being read; nothing was started."));
            }

            await checking;
            return null;
        }
        catch (ArgumentException exception)
        {
            return Refused(RunRequests.Refusal(exception));
        }
    }

    /// <summary>The run as it is stored.</summary>
    /// <param name="acceptedRequest">How it trains.</param>
    /// <param name="acceptedSource">On what, with what its federation adds.</param>
    /// <exception cref="ArgumentException">The data cannot be used any more.</exception>
    public async Task<RunStatus> StatusAsync(RunRequest acceptedRequest, RunSource acceptedSource)
    {
        if (!_isChecked)
        {
            await CheckAsync(CancellationToken.None);
        }

        return Status with { Request = acceptedRequest, Source = acceptedSource, Phase = RunPhase.Pending };
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        await services.Silos.ThrowIfMissingAsync(request, source);
        using var run = await services.Contexts.CheckAsync(runKey, request, source, cancellationToken);
        if (run.Simulated is { } simulated)
        {
            RequestChecks.CheckData(new(run.Request, source), simulated.Dataset);
        }

        if (request.PartyLabels is not null && (run.Hosted is null || request.Rounds.Mode is not null))
        {
            throw new ArgumentException(run.Hosted is null ? $"Federation {request.Federation} simulates its clients, so there are no parties to select; leave the labels of parties out."
                : $"Parties cannot be selected by labels in mode {request.Rounds.Mode}; leave one of them out.");
        }

        if (run.Hosted is { } hosted && await hosted.HasRemoteAsync())
        {
            RemoteRules.ThrowUnlessPossible(run);
        }

        await WarmStart.CheckAsync(run, grains);
        await Task.Run(() => run.Algorithm.Privacy); // the key, and the noise
        await Task.Run(run.Algorithm.ThrowUnlessHidden, CancellationToken.None);
        if (run.Request.WarmStartFrom is { } from)
        {
            await ForeignStart.PlanAsync(run, from, services.Contexts, grains).WaitAsync(cancellationToken); // reads that federation's data
        }

        Status = Status with
        {
            Request = run.Request,
            Clients = run.TakingPart,
            Users = run.Shape.Users,
            Items = run.Catalogue.Items.Count,
            Interactions = run.Data.Interactions,
            Protocol = run.Data.Protocol,
            Notes = [.. run.Data.Notes.Take(MaxNotes)],
        };
        _isChecked = true;
    }

    private RunReceipt Refused(RunReceipt receipt)
    {
        var reason = receipt.DataPlace is { } place ? DataNotUsableException.Guard(Path.GetFileName(place)) : receipt.Message; // watchers need not be allowed to read the data
        events.Add(new RunEvent { Kind = "run.done", Text = $"Refused: {reason}" });
        return receipt;
    }
}
