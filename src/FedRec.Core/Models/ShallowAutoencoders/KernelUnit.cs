namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>What the distance of two own items is measured in.</summary>
public enum KernelUnit
{
    /// <summary>Own items between them, whenever they were met.</summary>
    Items,

    /// <summary>Days between them.</summary>
    Days,
}
