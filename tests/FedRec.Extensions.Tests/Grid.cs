using FedRec.Core.Updates;

namespace FedRec.Extensions.Tests;

/// <summary>An update step: rounds each value to the nearest multiple of a size, so that an update can be sent in fewer bits.</summary>
public sealed class Grid : IUpdateStep
{
    private readonly double _size;
    public Grid(double size) => _size = size > 0 ? size : throw new ArgumentException($"grid is {size}; it must be a size above 0, as in grid=0.5.");

    public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
    {
        foreach (var (start, count) in context.Layout.Directions(update.Values))
        {
            foreach (ref var value in update.Values.Values.Slice(start, count))
            {
                value = (float)(Math.Round(value / _size) * _size);
            }
        }

        return UpdateOutcome.Changed;
    }
}
