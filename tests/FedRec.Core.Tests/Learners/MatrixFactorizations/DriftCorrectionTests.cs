using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

/// <summary>Quadratic clients aᵢ/2·(w − bᵢ)², whose best common w is known: Σ aᵢbᵢ / Σ aᵢ.</summary>
public sealed class DriftCorrectionTests
{
    private const double Rate = 0.1;
    private static readonly (float Curvature, float Minimum)[] s_clients = [(1, 4), (6, -1), (2.5f, 0.5f)];
    private static readonly double s_best = s_clients.Sum(c => (double)c.Curvature * c.Minimum) / s_clients.Sum(c => (double)c.Curvature);

    [Fact]
    public void Apply_Proximal_IsTheStepByHand()
    {
        var drift = new DriftCorrection(new LocalSgdOptions { Proximal = 0.5 }, Rate, itemCount: 2, dims: 1);
        var model = new MatrixFactorizationModel(new float[] { 3, 7 }, itemCount: 2, dims: 1);
        float[] rows = [9];
        drift.Begin([]);
        drift.Lay(model, [1]);

        drift.Measure(model, [1], rows);
        rows[0] = 5; // the step of the loss
        drift.Apply(rows);

        Assert.Equal(5 - (0.1f * 0.5f * (9 - 7)), rows[0], 1e-6f); // the pull is that of the point before the step
    }

    [Fact]
    public void Rounds_Scaffold_FindTheBestCommonPointAndAveragingDoesNot()
    {
        var averaged = Run(new LocalSgdOptions(), rounds: 200, all: true);
        var scaffold = Run(new LocalSgdOptions { Scaffold = true }, rounds: 200, all: true);

        Assert.InRange(Math.Abs(averaged - s_best), 0.1, 10);
        Assert.InRange(Math.Abs(scaffold - s_best), 0, 1e-4);
    }

    [Fact]
    public void Rounds_ScaffoldWithOneClientAtATime_FindTheBestCommonPointToo() =>
        Assert.InRange(Math.Abs(Run(new LocalSgdOptions { Scaffold = true }, rounds: 900, all: false) - s_best), 0, 0.05);

    [Fact]
    public void Rounds_MoreProximal_DriftLess()
    {
        var distances = new[] { 0, 1.0, 10 }.Select(proximal => Math.Abs(Run(new LocalSgdOptions { Proximal = proximal }, rounds: 300, all: true) - s_best)).ToArray();

        Assert.Equal(distances.OrderDescending(), distances);
        Assert.NotEqual(distances[0], distances[2]);
    }

    /// <summary>Ten local steps a round, of all clients or of one after the other; the server takes the plain mean.</summary>
    private static double Run(LocalSgdOptions options, int rounds, bool all)
    {
        var drift = new DriftCorrection(options, Rate, itemCount: 1, dims: 1);
        var kept = new ReadOnlyMemory<byte>[s_clients.Length];
        var server = new float[2]; // w and c
        for (var round = 0; round < rounds; round++)
        {
            var cohort = all ? Enumerable.Range(0, s_clients.Length).ToArray() : [round % s_clients.Length];
            var (moved, changed) = (0.0, 0.0);
            foreach (var client in cohort)
            {
                var output = Train(drift, server, s_clients[client], ref kept[client]);
                moved += output.Values[0];
                changed += output.SegmentCount > 1 ? output.Values[1] : 0;
            }

            server = [server[0] + (float)(moved / cohort.Length * (all ? 1 : 0.3)), server[1] + (float)(changed / s_clients.Length)];
        }

        return server[0];
    }

    private static UpdateBuffer Train(DriftCorrection drift, float[] server, (float Curvature, float Minimum) client, ref ReadOnlyMemory<byte> kept)
    {
        var (output, model) = (new UpdateBuffer(), new MatrixFactorizationModel(server, itemCount: 1, dims: 1));
        drift.Begin(kept.Span);
        output.Rows([0], 1)[0] = server[0];
        drift.Lay(model, [0]);
        for (var step = 0; step < 10; step++)
        {
            drift.Measure(model, [0], output.Values);
            output.Values[0] -= (float)Rate * client.Curvature * (output.Values[0] - client.Minimum);
            drift.Apply(output.Values);
        }

        output.Values[0] -= server[0];
        kept = drift.Finish(model, [0], output, offset: 1);
        return output;
    }
}
