using FedRec.Contracts.Rounds;

namespace FedRec.Grains.Rounds;

/// <summary>Where a silo's sums go: to their rounds, or to whoever puts sums of several silos together on the way. Integer sums merge anywhere.</summary>
internal interface IUpdateSink
{
    /// <summary>Offers a sum.</summary>
    /// <param name="runKey">The round's run.</param>
    /// <param name="sum">Must not change any more.</param>
    /// <returns>What became of it; null where nobody answers, and the round asks these clients again.</returns>
    Task<UpdateReceipt?> SendAsync(string runKey, PartialSum sum);
}

/// <summary>Where answers of clients to steps of secure aggregation go.</summary>
internal interface IAnswerSink
{
    /// <summary>Tells a round.</summary>
    /// <returns>False when nobody answers, or they are of no use to the round.</returns>
    Task<bool> AnswerAsync(string runKey, int round, SecureAnswers answers);
}

/// <summary>Sends sums to their rounds, or to the regions before them, and again while the outcome is unknown: a round counts no client twice.</summary>
internal sealed partial class RoundSink(IGrainFactory grains, SumBlocks blocks, ILocalSiloDetails silo, TimeProvider time, ILogger<RoundSink> log) : IUpdateSink, IAnswerSink
{
    private const int Attempts = 3;

    /// <summary>Offers a sum to its round; a network that fails is tried a few times and then given up.</summary>
    /// <inheritdoc/>
    public async Task<UpdateReceipt?> SendAsync(string runKey, PartialSum sum)
    {
        var target = sum.Region > 0 ? SumTarget.Of(grains.GetGrain<IRegionGrain>(GrainKeys.Region(runKey, sum.Region)))
            : SumTarget.Of(grains.GetGrain<IRoundGrain>(GrainKeys.Round(runKey, sum.CollectedIn())));
        var id = Guid.NewGuid();
        sum = sum with { From = silo.SiloAddress };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var receipt = await blocks.SubmitAsync(target, sum, id);
                if (receipt == UpdateReceipt.Incomplete && attempt < Attempts)
                {
                    continue; // the round has moved to another silo since the first block
                }

                if (receipt is not (UpdateReceipt.Accepted or UpdateReceipt.Duplicate))
                {
                    LogRefused(runKey, sum.Round, sum.Clients.Length, receipt);
                }

                return receipt;
            }
            catch (Exception exception)
            {
                LogSendFailed(runKey, sum.Round, attempt, exception);
            }

            if (attempt == Attempts)
            {
                await GiveUpAsync(target, runKey, sum, id);
                return null;
            }

            await Task.Delay(TimeSpan.FromSeconds(attempt), time);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> AnswerAsync(string runKey, int round, SecureAnswers answers)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                return await grains.GetGrain<IRoundGrain>(GrainKeys.Round(runKey, round)).AnswerAsync(answers);
            }
            catch (Exception exception)
            {
                LogSendFailed(runKey, round, attempt, exception);
            }

            await Task.Delay(TimeSpan.FromSeconds(attempt), time);
        }

        return false; // the round does without these clients
    }

    // What has arrived of it is of no use; a round that cannot be told keeps it until it closes.
    private async Task GiveUpAsync(SumTarget target, string runKey, PartialSum sum, Guid id)
    {
        if (!blocks.Stages(sum))
        {
            return;
        }

        try
        {
            await target.UnstageAsync(id);
        }
        catch (Exception exception)
        {
            LogSendFailed(runKey, sum.Round, Attempts, exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {Run}, round {Round}: a sum of {Clients} updates was answered {Receipt}")]
    private partial void LogRefused(string run, int round, int clients, UpdateReceipt receipt);

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: sending a sum failed at attempt {Attempt}")]
    private partial void LogSendFailed(string run, int round, int attempt, Exception exception);
}
