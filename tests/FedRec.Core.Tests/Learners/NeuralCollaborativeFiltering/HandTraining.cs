using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

/// <summary>A client's round in plain loops, where every item is a candidate and nothing is left out.</summary>
internal sealed class HandTraining(NeuralOptions options, int items, float[] received)
{
    private readonly NetworkShape _shape = new(options, items);
    private readonly double[] _parameters = Array.ConvertAll(received, value => (double)value);
    private readonly double[] _first = new double[received.Length];
    private readonly double[] _second = new double[received.Length];

    /// <summary>Trained minus received after some steps of all users.</summary>
    public (double[] Delta, double Loss) Train(int[][] users)
    {
        var loss = 0.0;
        for (var step = 1; step <= options.Epochs; step++)
        {
            var network = new HandNetwork(options, _shape, [.. _parameters]);
            loss += users.Sum(own => AddUser(network, own, users.Length)) / options.Epochs;
            Step(network.Gradients, step, users);
        }

        return ([.. _parameters.Select((value, i) => value - received[i])], loss);
    }

    private double AddUser(HandNetwork network, int[] own, int users)
    {
        var user = network.User(own);
        var scores = Enumerable.Range(0, items).Select(item => network.Score(user, item)).ToArray();
        var (errors, loss) = options.Loss == NeuralLoss.Softmax ? Softmax(scores, own) : Logistic(scores, own);
        double[] ofUser = [.. user.Select(value => options.L2User * value / users)];
        for (var item = 0; item < items; item++)
        {
            network.AddPair(user, item, errors[item] / users, ofUser);
        }

        network.AddUser(own, ofUser);
        return loss / users;
    }

    private static (double[] Errors, double Loss) Softmax(double[] scores, int[] own)
    {
        var total = scores.Sum(Math.Exp);
        var loss = own.Sum(item => Math.Log(total) - scores[item]) / own.Length;
        return ([.. scores.Select((score, item) => (Math.Exp(score) / total) - (own.Contains(item) ? 1.0 / own.Length : 0))], loss);
    }

    private static (double[] Errors, double Loss) Logistic(double[] scores, int[] own)
    {
        var loss = scores.Select((score, item) => Math.Log(1 + Math.Exp(own.Contains(item) ? -score : score))).Average();
        return ([.. scores.Select((score, item) => ((1 / (1 + Math.Exp(-score))) - (own.Contains(item) ? 1 : 0)) / scores.Length)], loss);
    }

    private void Step(double[] gradients, int step, int[][] users)
    {
        var history = _shape.Layout.Offset(NetworkShape.History);
        var owned = users.SelectMany(own => own).ToHashSet();
        for (var i = 0; i < gradients.Length; i++)
        {
            var touched = i < history || i >= _shape.DenseOffset || owned.Contains((i - history) / _shape.UserColumns);
            var penalty = i < history ? options.L2Item / items : i >= _shape.DenseOffset ? options.L2Tower : 0;
            if (touched)
            {
                StepOne(i, gradients[i] + (options.Proximal * (_parameters[i] - received[i])), penalty, step);
            }
        }
    }

    private void StepOne(int i, double gradient, double penalty, int step)
    {
        if (options.Optimizer == LocalOptimizer.AdamW)
        {
            _parameters[i] *= 1 - (options.StepSize * penalty);
        }
        else
        {
            gradient += penalty * _parameters[i];
        }

        if (options.Optimizer == LocalOptimizer.Sgd)
        {
            _parameters[i] -= options.StepSize * gradient;
            return;
        }

        _first[i] = (0.9 * _first[i]) + (0.1 * gradient);
        _second[i] = (0.999 * _second[i]) + (0.001 * gradient * gradient);
        var (mean, size) = (_first[i] / (1 - Math.Pow(0.9, step)), Math.Sqrt(_second[i] / (1 - Math.Pow(0.999, step))));
        _parameters[i] -= options.StepSize * mean / (size + 1e-8);
    }
}
