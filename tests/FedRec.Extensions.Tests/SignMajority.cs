using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Extensions.Tests;

/// <summary>An aggregator: a step of 1 in the direction in which most clients want to go (Bernstein et al. 2018, arXiv:1810.05291).</summary>
public sealed class SignMajority : IAggregator
{
    public string Name => "sign-majority";
    public bool TakesDirectionsOnly => true;
    public IPartial Empty(int length, SumScale scale) => new Votes(new FixedPointSum(length, scale));
    public IPartial Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals) => new Votes(MeanAggregator.Instance.Read(length, encoded, totals));

    private sealed class Votes(IPartial sum) : IPartial, IAggregate // the sum of signs, which is exact in any order
    {
        public FixedPointSum Totals => sum.Totals;
        public FixedPointSum Sum => throw new InvalidOperationException("Signs have no exact sum of updates.");
        public int Clients => sum.Totals.Clients;
        public ReadOnlyMemory<byte> Encoded => sum.Encoded;
        public AggregationFault? FindFault(ClientUpdate update) => sum.FindFault(update);
        public bool IsLike(IPartial other) => other is Votes && sum.IsLike(other.Totals);
        public bool CanMerge(IPartial other) => other is Votes && sum.CanMerge(other.Totals);
        public void Merge(IPartial other) => sum.Merge(other.Totals);
        public IAggregate Close() => this;
        public bool TryAdd(int client, ClientUpdate update) => FindFault(update) is null && sum.TryAdd(client, SignsOf(update));
        public void Mean(Span<float> mean)
        {
            sum.Totals.Mean(mean);
            foreach (ref var value in mean) { value = Math.Sign(value); }
        }

        private static ClientUpdate SignsOf(ClientUpdate update)
        {
            var signs = ClientUpdate.Decode(update.Encode(), int.MaxValue); // a copy
            foreach (ref var value in signs.Values.Values) { value = Math.Sign(value); }
            return signs with { Weight = 1 };
        }
    }
}
