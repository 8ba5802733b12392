using System.ComponentModel.DataAnnotations;

namespace FedRec.Grains.Models;

/// <summary>How many model versions are kept; section <c>FedRec:Models</c>.</summary>
public sealed class ModelOptions
{
    /// <summary>Newest versions kept for each federation, beside the one in use, the one in use before it, and pinned ones. Default: 20.</summary>
    [Range(1, 100_000)]
    public int Keep { get; set; } = 20;
}
