using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace FedRec.Grains.Tests.Models;

/// <summary>Scores with an exported version as somebody without FedRec would who has read <c>src/docs/reference/model-files.md</c>: plain arithmetic over the files' bytes.</summary>
internal sealed class OutsideReader
{
    private readonly Dictionary<string, double[]> _tensors = [];
    private readonly Dictionary<string, string> _options;
    private readonly string _learner;
    private readonly double[][] _features = [];
    private readonly int _n;

    public OutsideReader(byte[] tensors, byte[] catalogue)
    {
        var header = (int)BinaryPrimitives.ReadUInt64LittleEndian(tensors);
        foreach (var tensor in JsonDocument.Parse(tensors.AsMemory(8, header)).RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__"))
        {
            var (start, end) = (tensor.Value.GetProperty("data_offsets")[0].GetInt32(), tensor.Value.GetProperty("data_offsets")[1].GetInt32());
            _tensors[tensor.Name] = [.. Enumerable.Range(0, (end - start) / 4).Select(i => (double)BinaryPrimitives.ReadSingleLittleEndian(tensors.AsSpan(8 + header + start + (4 * i))))];
        }

        var json = JsonDocument.Parse(catalogue).RootElement;
        _learner = json.GetProperty("learner").GetString()!;
        _options = json.GetProperty("options").EnumerateObject().ToDictionary(option => option.Name, option => option.Value.GetString()!);
        Items = [.. json.GetProperty("items").EnumerateArray().Select(item => item.GetString()!)];
        _n = Items.Count;
        if (json.TryGetProperty("itemFeatures", out var features))
        {
            _features = Encode([.. features.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())]);
        }
    }

    public IReadOnlyList<string> Items { get; }

    /// <summary>A score for each item of <see cref="Items"/>.</summary>
    /// <param name="met">The own items and their ratings.</param>
    /// <param name="ages">How many of the own items are newer than each; empty where that is not known.</param>
    public double[] Score(IReadOnlyDictionary<string, double> met, IReadOnlyDictionary<string, double> ages)
    {
        var own = met.Select(one => (Item: Items.ToList().IndexOf(one.Key), Rating: one.Value)).OrderBy(one => one.Item).ToArray();
        return _learner switch
        {
            "ease" => Ease([.. own.Select(one => one.Item)], item => ages.Count == 0 ? 0 : ages[Items[item]]),
            "pca" => Pca([.. own.Select(one => one.Item)], item => ages.Count == 0 || Option("recency") == 0 ? 1 : Math.Exp(-ages[Items[item]] / Option("recency"))),
            "mf" when _options["objective"] == "mse" => Ratings(own),
            "mf" => Factors([.. own.Select(one => one.Item)], item => ages.Count == 0 || Option("recency") == 0 ? 1 : Math.Exp(-ages[Items[item]] / Option("recency"))),
            "ncf" => Network(Shares([.. own.Select(one => one.Item)], ages)),
            _ => Towers(Shares([.. own.Select(one => one.Item)], ages)),
        };
    }

    /// <summary>How near each item of <see cref="Items"/> is to one of them; null where the learner does not say.</summary>
    public double[]? Similar(int item) => _learner switch
    {
        "ease" => Ease([item], _ => 0),
        "pca" => Pca([item], _ => 1),
        "mf" => Cosines([.. Enumerable.Range(0, _n).Select(row => Row("item_factors", row, (int)Option("dims")))], item),
        "two-tower" => Cosines(TowerVectors(), item),
        _ => null,
    };

    private static double[] Cosines(double[][] vectors, int item) =>
        [.. vectors.Select(vector => Dot(vectors[item], vector) / Math.Sqrt(Dot(vectors[item], vectors[item]) * Dot(vector, vector)))];

    private double Option(string name) => double.Parse(_options[name], CultureInfo.InvariantCulture);

    private double[] Row(string tensor, int row, int columns) => _tensors[tensor][(row * columns)..((row + 1) * columns)];

    private double[] Ease(int[] own, Func<int, double> age)
    {
        var isPlain = _tensors.TryGetValue("lambda_and_rounds", out var settings);
        settings ??= _tensors["settings"];
        double Chosen(string name, double voted) => voted > 0 || _options[name] == "vote" ? voted : Option(name);
        var (lambda, unit) = (settings[0], isPlain ? 1 : settings[5]);
        var (tau, d) = (Chosen("recency", isPlain ? 0 : settings[3]), Chosen("item-dropout", isPlain ? 0 : settings[4]));
        var g = new double[_n, _n];
        for (int i = 0, next = 0; i < _n; i++)
        {
            for (var j = i; j < _n; j++)
            {
                g[i, j] = g[j, i] = _tensors["pair_counts"][next++] / unit;
            }
        }

        var inverse = new double[_n][];
        for (var column = 0; column < _n; column++)
        {
            var (a, b) = ((double[,])g.Clone(), new double[_n]);
            for (var i = 0; i < _n; i++)
            {
                a[i, i] += lambda + (d / (1 - d) * g[i, i]);
            }

            b[column] = 1;
            inverse[column] = Solve(a, b); // symmetric: column = row
        }

        return [.. Enumerable.Range(0, _n).Select(j => own.Sum(i => i == j ? 0 : (tau > 0 ? Math.Exp(-age(i) / tau) : 1) * -inverse[i][j] / inverse[j][j]))];
    }

    private double[] Pca(int[] own, Func<int, double> weight)
    {
        var (means, settings, triangle) = (_tensors["item_means"], _tensors["settings"], _tensors["pair_means"]);
        var (sigma, nu, users, most) = (settings[1], settings[2], settings[3], Math.Min((int)Option("common-items"), _n));
        int[] order = [.. Enumerable.Range(0, _n).OrderByDescending(item => means[item]).ThenBy(item => item)];
        bool Stands(int length) => means[order[length - 1]] >= 3 * sigma
            && Math.Pow(means[order[length - 1]], 2) * order.Take(length).Sum(item => Math.Pow(Math.Max(0, means[item]), 2) - (sigma * sigma)) >= 0.2 * length * Math.Pow(sigma / 3, 2) / 2;
        int[] common = [.. order.Take(Enumerable.Range(1, most).Last(length => length <= 10 || Stands(length))).Order()];
        var k = common.Length;
        var g = new double[k, k];
        for (int i = 0, next = 0; i < k; i++)
        {
            for (var j = i; j < k; j++)
            {
                g[i, j] = g[j, i] = triangle[next++] / (i == j ? 1 : Math.Sqrt(2));
            }
        }

        var e = 2 * Math.Sqrt(k * ((nu * nu / 2) + (4 / (users * k * k))));
        var coordinates = Enumerable.Range(0, _n).Select(_ => new List<double>()).ToArray();
        foreach (var (w, v) in Eigen(g).Where(pair => pair.Value > e))
        {
            var theta = (w + Math.Sqrt((w * w) - (e * e))) / 2;
            var kept = theta - (e * e / (4 * theta));
            for (var item = 0; item < _n; item++)
            {
                coordinates[item].Add(Array.IndexOf(common, item) is >= 0 and var row ? Math.Sqrt(kept / (kept + (e / 2))) * v[row] : 0);
            }
        }

        var length = Math.Sqrt(common.Sum(item => Math.Pow(Math.Max(0, means[item]), 2)));
        for (var item = 0; item < _n; item++)
        {
            coordinates[item].Add((common.Contains(item) ? 1 : 0.01) * Math.Max(0, means[item]) / length);
        }

        return [.. Enumerable.Range(0, _n).Select(j => own.Sum(i => i == j ? 0 : weight(i) * Dot([.. coordinates[i]], [.. coordinates[j]])))];
    }

    // Jacobi's rotations: each makes one place off the diagonal 0.
    private static IEnumerable<(double Value, double[] Vector)> Eigen(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var (a, v) = ((double[,])matrix.Clone(), new double[n, n]);
        for (var i = 0; i < n; i++)
        {
            v[i, i] = 1;
        }

        for (var turn = 0; turn < 30 * n * n; turn++)
        {
            var (p, q) = (turn / n % n, turn % n);
            if (p >= q || a[p, q] == 0)
            {
                continue;
            }

            var angle = Math.Atan2(2 * a[p, q], a[q, q] - a[p, p]) / 2;
            var (c, s) = (Math.Cos(angle), Math.Sin(angle));
            for (var i = 0; i < n; i++)
            {
                (a[i, p], a[i, q]) = ((c * a[i, p]) - (s * a[i, q]), (s * a[i, p]) + (c * a[i, q]));
                (v[i, p], v[i, q]) = ((c * v[i, p]) - (s * v[i, q]), (s * v[i, p]) + (c * v[i, q]));
            }

            for (var i = 0; i < n; i++)
            {
                (a[p, i], a[q, i]) = ((c * a[p, i]) - (s * a[q, i]), (s * a[p, i]) + (c * a[q, i]));
            }
        }

        return Enumerable.Range(0, n).Select(i => (a[i, i], Enumerable.Range(0, n).Select(row => v[row, i]).ToArray()));
    }

    private double[] Factors(int[] own, Func<int, double> count)
    {
        var dims = (int)Option("dims");
        var v = Enumerable.Range(0, _n).Select(item => Row("item_factors", item, dims)).ToArray();
        var (m, total, lambda) = (own.Length, own.Sum(count), Option("l2-user"));
        var others = (double)(_n - m);
        var k = Math.Min(Option("negatives") * m, others);
        var c = _options["objective"] == "logistic" ? k / others : total / others;
        var (a, b, x, ridge, t, h) = _options["objective"] switch
        {
            "least-squares" => (1.0, Option("alpha"), 0.0, lambda * (total + (Option("alpha") * _n)), 1.0, 0.0),
            "logistic" => (1 - c, c, 0.0, 4 * lambda * (total + k), 2 * (1 + c), 2 * c),
            _ => (1 - c, c, 1 / others, 4 * lambda * total, 2 * (1 + c), 2 * c),
        };
        var g = t > 1 ? 2 : 1;
        var q = Sum(v, dims);
        var s = Sum(own.Select(item => v[item]), dims);
        var p = Sum(own.Select(item => Scaled(v[item], count(item))), dims);
        var (matrix, target) = (new double[dims, dims], new double[dims]);
        for (var i = 0; i < dims; i++)
        {
            for (var j = 0; j < dims; j++)
            {
                matrix[i, j] = own.Sum(item => (a + count(item) - 1) * v[item][i] * v[item][j]) + (b * v.Sum(row => row[i] * row[j])) - (x * ((p[i] * (q[j] - s[j])) + ((q[i] - s[i]) * p[j]))) + (i == j ? ridge : 0);
            }

            target[i] = own.Sum(item => (t + (g * (count(item) - 1))) * v[item][i]) - (h * q[i]);
        }

        var u = Solve(matrix, target);
        return [.. v.Select(row => Dot(u, row))];
    }

    private static double[] Scaled(double[] values, double factor) => [.. values.Select(value => factor * value)];

    private double[] Ratings((int Item, double Rating)[] own)
    {
        var dims = (int)Option("dims");
        var (mean, bias) = (own.Average(one => one.Rating), _tensors["item_bias"]);
        var rows = own.Select(one => (X: (double[])[.. Row("item_factors", one.Item, dims), 1], E: one.Rating - mean - bias[one.Item])).ToArray();
        var (matrix, target) = (new double[dims + 1, dims + 1], new double[dims + 1]);
        for (var i = 0; i <= dims; i++)
        {
            for (var j = 0; j <= dims; j++)
            {
                matrix[i, j] = rows.Sum(row => row.X[i] * row.X[j]) + (i == j ? Option("l2-user") * own.Length : 0);
            }

            target[i] = rows.Sum(row => row.E * row.X[i]);
        }

        var u = Solve(matrix, target);
        return [.. Enumerable.Range(0, _n).Select(item => mean + bias[item] + Dot(u, [.. Row("item_factors", item, dims), 1]))];
    }

    // What each own item adds to its user.
    private (int Item, double Share)[] Shares(int[] own, IReadOnlyDictionary<string, double> ages)
    {
        var (tau, isAged) = (Option("recency"), ages.Count > 0);
        var newness = own.Select(item => isAged && tau > 0 ? Math.Exp(-ages[Items[item]] / tau) : 1).ToArray();
        var norm = Math.Sqrt(newness.Sum(value => value * value));
        return [.. own.Zip(newness, (item, value) => (item, value / norm))];
    }

    private double[] Network((int Item, double Share)[] own)
    {
        var (dims, columns) = ((int)Option("dims"), 2 * (int)Option("dims"));
        var user = Sum(own.Select(one => Scaled(Row("history_embeddings", one.Item, columns), one.Share)), columns).Zip(_tensors["start_embedding"], (sum, start) => sum + start).ToArray();
        return [.. Enumerable.Range(0, _n).Select(item => Row("item_embeddings", item, columns + 1)).Select(q =>
        {
            var product = Enumerable.Range(0, dims).Sum(i => _tensors["gmf_output"][i] * user[i] * q[i]);
            var width = _tensors["layer1_bias"].Length;
            var hidden = Enumerable.Range(0, width).Select(unit => Math.Max(0,
                Dot(Row("layer1_user", unit, dims), user[dims..]) + Dot(Row("layer1_item", unit, dims), q[dims..columns]) + _tensors["layer1_bias"][unit])).ToArray();
            for (var layer = 2; layer <= Option("layers"); layer++)
            {
                hidden = Layer($"layer{layer}", hidden).Select(value => Math.Max(0, value)).ToArray();
            }

            return product + Dot(_tensors["mlp_output"], hidden) + q[columns];
        })];
    }

    private double[] Towers((int Item, double Share)[] own)
    {
        var (embeddings, inputs) = (Embeddings(), TowerInputs());
        var dims = embeddings[0].Length - 1;
        var mean = Sum(own.Select(one => Scaled(inputs[one.Item], one.Share * one.Share)), inputs[0].Length);
        var user = Sum(own.Select(one => Scaled(embeddings[one.Item][..dims], one.Share)), dims).Zip(Tower("user", mean), (sum, tower) => sum + (0.1 * tower)).ToArray();
        return [.. TowerVectors().Select((vector, item) => Dot(user, vector) + embeddings[item][dims])];
    }

    private double[][] Embeddings()
    {
        var columns = (int)Option("dims") + 1;
        return [.. Enumerable.Range(0, _n).Select(item => _tensors["known"][item] == 0 ? new double[columns] : Row("item_embeddings", item, columns))];
    }

    private double[][] TowerInputs() => [.. Embeddings().Select((row, item) => (double[])[.. row[..^1], .. _features.Length == 0 ? [] : _features[item]])];

    private double[][] TowerVectors() =>
        [.. Embeddings().Zip(TowerInputs(), (row, input) => (double[])[.. row[..^1].Zip(Tower("item", input), (own, tower) => own + (0.1 * tower))])];

    private double[] Tower(string name, double[] input) =>
        Layer($"{name}3", [.. Layer($"{name}2", [.. Layer($"{name}1", input).Select(value => Math.Max(0, value))]).Select(value => Math.Max(0, value))]);

    private double[] Layer(string name, double[] below) =>
        [.. _tensors[$"{name}_bias"].Select((bias, unit) => bias + Dot(Row($"{name}_weights", unit, below.Length), below))];

    // Numbers alone: the data of the test has no words.
    private static double[][] Encode(double[][] rows)
    {
        var encoded = rows.Select(row => row.ToArray()).ToArray();
        for (var column = 0; column < rows[0].Length; column++)
        {
            var values = rows.Select(row => row[column]).ToArray();
            if (values.All(value => value is 0 or 1))
            {
                continue;
            }

            var mean = values.Average();
            var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
            for (var item = 0; item < rows.Length; item++)
            {
                encoded[item][column] = (values[item] - mean) / deviation;
            }
        }

        return encoded;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Sum(IEnumerable<double[]> rows, int columns)
    {
        var sum = new double[columns];
        foreach (var row in rows)
        {
            for (var i = 0; i < columns; i++)
            {
                sum[i] += row[i];
            }
        }

        return sum;
    }

    /// <summary>Gaussian elimination with pivots.</summary>
    private static double[] Solve(double[,] a, double[] b)
    {
        var n = b.Length;
        for (var column = 0; column < n; column++)
        {
            var pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(a[row, column]));
            (b[column], b[pivot]) = (b[pivot], b[column]);
            for (var j = 0; j < n; j++)
            {
                (a[column, j], a[pivot, j]) = (a[pivot, j], a[column, j]);
            }

            for (var row = column + 1; row < n; row++)
            {
                var factor = a[row, column] / a[column, column];
                b[row] -= factor * b[column];
                for (var j = column; j < n; j++)
                {
                    a[row, j] -= factor * a[column, j];
                }
            }
        }

        for (var row = n - 1; row >= 0; row--)
        {
            for (var j = row + 1; j < n; j++)
            {
                b[row] -= a[row, j] * b[j];
            }

            b[row] /= a[row, row];
        }

        return b;
    }
}
