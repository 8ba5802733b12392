using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Core.Data.Reports;
using FedRec.Grains.Clients;
using FedRec.Grains.Training;

namespace FedRec.Grains.Federations;

/// <summary>Asks the parties of a run what they say of their data, and puts it together.</summary>
internal static class DataReports
{
    /// <summary>The report; null where clients keep their data themselves: nobody may see what they hold.</summary>
    public static async Task<DataReportAnswer?> OfAsync(RunContext run, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (run.Simulated is not { } simulated)
        {
            return null;
        }

        var newest = DataReport.NewestDay(await AskAsync(null));
        return DataMessages.ToMessage(DataReport.Of(simulated.Dataset, simulated.Partition, await AskAsync(newest)), run.RunKey);

        async Task<PartySummary?[]> AskAsync(long? newestDay)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, run.Clients).Select(client =>
                grains.GetGrain<IClientGrain>(GrainKeys.Client(run.Request.Federation, client)).DescribeDataAsync(run.RunKey, newestDay, cancellationToken)));
            return Array.ConvertAll(answers, answer => answer is null ? null : DataMessages.ToCore(answer));
        }
    }
}
